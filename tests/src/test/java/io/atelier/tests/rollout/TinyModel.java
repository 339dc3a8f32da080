package io.atelier.tests.rollout;

import ai.djl.ndarray.NDManager;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.Trained;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Host;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.sampler.Denoiser;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.TextFeatures;
import io.atelier.tests.golden.Golden;
import java.util.Map;
import java.util.TreeMap;

/** The small random model of the golden set, with features drawn by prompt instead of encoders. */
public final class TinyModel {

  private static final int TOKENS = 7;

  private TinyModel() {}

  public static DiffusionModel load(NDManager scope) {
    PipelineFolder folder = new PipelineFolder(Golden.path("sd35-tiny"));
    return new DiffusionModel(
        Denoiser.load(scope, folder), folder.loadVae(scope), features(folder.transformerConfig()));
  }

  /** The same for a user that trains or replaces a part of the network, with a reference. */
  public static DiffusionModel load(NDManager scope, Trained trained) {
    PipelineFolder folder = new PipelineFolder(Golden.path("sd35-tiny"));
    return new DiffusionModel(
        Denoiser.load(scope, folder, trained, true),
        folder.loadVae(scope),
        features(folder.transformerConfig()));
  }

  private static TextFeatures features(MmditConfig config) {
    return (scope, text) -> {
      GroupNoise noise = new GroupNoise(text.hashCode());
      GroupId any = new GroupId(0, 0);
      return new TextFeatures.Encoded(
          Host.toNative(
              scope,
              noise.normals(Purpose.EVALUATION, any, 0, TOKENS, config.jointDim()),
              1,
              TOKENS,
              config.jointDim()),
          Host.toNative(
              scope,
              noise.normals(Purpose.EVALUATION, any, 1, 1, config.pooledDim()),
              1,
              config.pooledDim()));
    };
  }

  /** Weights of the same names and shapes, drawn anew with the given size. */
  public static NamedTensors noisy(NamedTensors like, long seed, double size) {
    Map<String, NamedTensors.Tensor> tensors = new TreeMap<>();
    int place = 0;
    for (Map.Entry<String, NamedTensors.Tensor> entry : like.asMap().entrySet()) {
      float[] values =
          new GroupNoise(seed)
              .normals(
                  Purpose.INITIAL_WEIGHTS,
                  new GroupId(0, place++),
                  0,
                  1,
                  entry.getValue().values().length);
      for (int i = 0; i < values.length; i++) {
        values[i] *= (float) size;
      }
      tensors.put(entry.getKey(), new NamedTensors.Tensor(entry.getValue().shape(), values));
    }
    return new NamedTensors(tensors);
  }
}
