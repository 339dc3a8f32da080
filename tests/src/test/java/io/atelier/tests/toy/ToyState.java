package io.atelier.tests.toy;

import io.atelier.models.state.NamedTensors;
import java.util.Map;

/** Weights and an optimizer's momentum, moved by digests: both matter for the next update. */
final class ToyState {
  private static final int SIZE = 8;

  private float[] weights;
  private float[] momentum = new float[SIZE];

  ToyState(long seed) {
    weights = new Bits(seed).floats(SIZE);
  }

  void move(Bits bits) {
    bits.add(weights).add(momentum);
    float[] nextWeights = new float[SIZE];
    float[] nextMomentum = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      nextMomentum[i] = .9f * momentum[i] + bits.nextFloat();
      nextWeights[i] = weights[i] - .1f * nextMomentum[i];
    }
    weights = nextWeights;
    momentum = nextMomentum;
  }

  NamedTensors weights() {
    return new NamedTensors(Map.of("weights", tensor(weights)));
  }

  NamedTensors state() {
    return new NamedTensors(Map.of("weights", tensor(weights), "momentum", tensor(momentum)));
  }

  void restore(NamedTensors state) {
    weights = state.get("weights").values();
    momentum = state.get("momentum").values();
  }

  private static NamedTensors.Tensor tensor(float[] values) {
    return new NamedTensors.Tensor(new long[] {values.length}, values);
  }
}
