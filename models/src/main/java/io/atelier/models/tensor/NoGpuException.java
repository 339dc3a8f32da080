package io.atelier.models.tensor;

/** Libtorch sees no GPU, but there was to be one. */
public final class NoGpuException extends RuntimeException {
  NoGpuException() {
    super("libtorch sees no GPU");
  }
}
