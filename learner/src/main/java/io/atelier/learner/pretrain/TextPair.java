package io.atelier.learner.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.atelier.models.sd3.ClipTextConfig;
import io.atelier.models.sd3.ClipTextEncoder;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.WeightSource;

/** The two small text encoders trained together with the velocity network. */
final class TextPair {

  /**
   * Text features: context (B, tokens + 1, 2·width), where the last token stands for as many zero
   * tokens as a caption has tokens, as for an absent T5.
   */
  record Features(NDArray context, int lastRepeats, NDArray pooled) {}

  private final ClipTextEncoder first;
  private final ClipTextEncoder second;

  TextPair(NDManager scope, ClipTextConfig[] configs, WeightSource[] sources) {
    first = new ClipTextEncoder(scope, configs[0], sources[0]);
    second = new ClipTextEncoder(scope, configs[1], sources[1]);
  }

  static ClipTextConfig[] configs(int vocabulary, int tokens) {
    int width = PretrainConfig.TEXT_WIDTH;
    ClipTextConfig[] configs = new ClipTextConfig[2];
    for (int i = 0; i < 2; i++) {
      configs[i] =
          new ClipTextConfig(
              vocabulary, tokens, width, 2, 4, 2 * width, width, i == 0, 1e-5, vocabulary - 1);
    }
    return configs;
  }

  static NamedTensors firstWeights(ClipTextConfig config, long seed) {
    return Initializer.draw(
        config.shapes(),
        seed,
        (name, shape) -> {
          if (name.contains("token_embedding")) {
            return Initializer.normal(0.2);
          }
          if (name.contains("position_embedding")) {
            return Initializer.normal(0.05);
          }
          if (shape.length == 1) {
            return name.contains("norm") && name.endsWith("weight")
                ? Initializer.ONES
                : Initializer.ZEROS;
          }
          return Initializer.GLOROT;
        });
  }

  ClipTextEncoder first() {
    return first;
  }

  ClipTextEncoder second() {
    return second;
  }

  Features encode(NDManager scope, long[][] ids) {
    ClipTextEncoder.Output a = first.encode(scope, ids);
    ClipTextEncoder.Output b = second.encode(scope, ids);
    NDArray hidden = NDArrays.concat(new NDList(a.hidden(), b.hidden()), 2);
    Shape shape = hidden.getShape();
    NDArray zeros = scope.zeros(new Shape(shape.get(0), 1, shape.get(2)));
    NDArray context = NDArrays.concat(new NDList(hidden, zeros), 1);
    NDArray pooled = NDArrays.concat(new NDList(a.pooled(), b.pooled()), 1);
    return new Features(context, ids[0].length, pooled);
  }
}
