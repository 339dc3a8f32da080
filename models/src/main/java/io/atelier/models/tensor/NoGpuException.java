package io.atelier.models.tensor;

/** A GPU is required, but libtorch sees none. */
public final class NoGpuException extends RuntimeException {
  NoGpuException() {
    super("libtorch sees no GPU");
  }
}
