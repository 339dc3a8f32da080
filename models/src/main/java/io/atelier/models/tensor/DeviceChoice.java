package io.atelier.models.tensor;

/** What native code is to compute on. */
public enum DeviceChoice {
  /** A GPU if libtorch sees one, else the CPU. */
  AUTO,
  /** The CPU, whatever else there is. */
  CPU,
  /** A GPU of NVIDIA, or nothing. */
  CUDA
}
