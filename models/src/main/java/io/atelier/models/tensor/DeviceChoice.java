package io.atelier.models.tensor;

/** The device for native code. */
public enum DeviceChoice {
  /** A GPU if libtorch sees one, otherwise the CPU. */
  AUTO,
  /** Always the CPU. */
  CPU,
  /** An NVIDIA GPU; fails without one. */
  CUDA
}
