package io.atelier.tests.golden;

import ai.djl.ndarray.NDArray;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.tensor.Host;
import io.atelier.tests.toy.NativeScope;

/** Tests that hold native arrays against those of a file. */
abstract class GoldenScope extends NativeScope {

  /** A tensor of a file of float32. */
  NDArray load(SafetensorsFile file, String name) {
    return Host.toNative(scope, file.floats(name), file.info(name).shape());
  }
}
