package io.atelier.models.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.atelier.models.safetensors.TensorInfo;
import io.atelier.models.safetensors.TensorSource;

/**
 * Weights of a safetensors file as native float32 arrays. Those stored as F32 are the mapped file
 * itself, without a copy, and must not be written to; half-precision ones are converted.
 */
public record SafetensorsWeights(TensorSource tensors) implements WeightSource {

  @Override
  public String origin() {
    return tensors.path().toString();
  }

  @Override
  public boolean writable() {
    return false;
  }

  @Override
  public boolean contains(String name) {
    return tensors.contains(name);
  }

  @Override
  public long[] shape(String name) {
    return tensors.info(name).shape();
  }

  @Override
  public NDArray load(String name, NDManager scope) {
    TensorInfo info = tensors.info(name);
    if (info.dtype().equals("F32")) {
      return scope.create(tensors.bytes(name), new Shape(info.shape()), DataType.FLOAT32);
    }
    return Host.toNative(scope, tensors.floats(name), info.shape());
  }
}
