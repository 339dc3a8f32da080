package io.atelier.models.encoder;

import ai.djl.ndarray.NDManager;
import io.atelier.models.sd3.ClipTextEncoder;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.text.ClipTokenizer;

/**
 * The text side of a CLIP, whose weights are shared by all users in this process. Not thread-safe:
 * one compute thread owns it.
 */
public final class ClipTextSide implements AutoCloseable {

  private final NDManager scope;
  private final ClipTextEncoder encoder;
  private final ClipTokenizer tokenizer;

  public ClipTextSide(ClipFolder folder) {
    this.tokenizer = folder.tokenizer();
    this.scope = Torch.newScope();
    try {
      this.encoder = Torch.withGradients(false, () -> folder.loadText(scope));
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
  }

  /** Bytes of attention maps that are copied to be fused. */
  public static long copiedBytes(ClipFolder folder) {
    long width = folder.text().width();
    return Float.BYTES * 3 * width * width * folder.text().layers();
  }

  /** The vector of a text, not normalised; a text that is too long is truncated. */
  public float[] vector(String text) {
    long[][] ids = {tokenizer.encode(text, encoder.config().positions())};
    return Torch.withGradients(
        false,
        () -> {
          try (NDManager inner = scope.newSubManager()) {
            return Host.floats(encoder.encode(inner, ids).pooled());
          }
        });
  }

  /** {@link #vector} scaled to length 1. */
  public float[] unit(String text) {
    float[] vector = vector(text);
    double square = 0;
    for (float value : vector) {
      square += (double) value * value;
    }
    double length = Math.sqrt(square);
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) (vector[i] / length);
    }
    return vector;
  }

  @Override
  public void close() {
    scope.close();
  }
}
