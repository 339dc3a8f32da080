package io.atelier.tests.toy;

import ai.djl.ndarray.NDManager;
import io.atelier.models.tensor.Torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Each test has a scope of native arrays, in a thread that computes no gradients. */
public abstract class NativeScope {

  protected NDManager scope;

  @BeforeEach
  protected void enter() {
    Torch.enter(false);
    scope = Torch.newScope();
  }

  @AfterEach
  protected void leave() {
    scope.close();
  }
}
