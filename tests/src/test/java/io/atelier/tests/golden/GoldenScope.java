package io.atelier.tests.golden;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Each test has a scope of native arrays, in a thread that computes no gradients. */
abstract class GoldenScope {

  NDManager scope;

  @BeforeEach
  void enter() {
    Torch.enter(false);
    scope = Torch.newScope();
  }

  @AfterEach
  void leave() {
    scope.close();
  }

  /** A tensor of a file of float32. */
  NDArray load(SafetensorsFile file, String name) {
    return Host.toNative(scope, file.floats(name), file.info(name).shape());
  }
}
