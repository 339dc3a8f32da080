package io.atelier.models.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.WeightSource;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.Preprocess;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A Vision Transformer as an encoder. Outputs at P input pixels and patches of p: {@code cls} (n,
 * D), or {@code pool} where there is no class token, and {@code patches} (n, D, P/p, P/p), all
 * after the final norm.
 *
 * <p>On the CPU images are encoded one by one, so that the features of one do not depend on those
 * beside it; on a GPU their last bits may.
 */
public final class VitEncoder implements Encoder {

  static final String PATCHES = "patches";

  private final String id;
  private final NDManager scope;
  private final VisionTransformer network;
  private final Preprocess preprocess;
  private final int batch;

  /**
   * An encoder that shares its weights with others of this process.
   *
   * @param id name and content hash of the weights
   */
  public VitEncoder(String id, VitFile file, EncoderConfig settings) {
    this(id, file.config(), settings, scope -> file.load(scope, settings.pixels()));
  }

  /**
   * An encoder with weights of its own.
   *
   * @param id name and content hash of the weights
   * @param weights in the names of the layout of {@code config}
   */
  public VitEncoder(String id, VitConfig config, WeightSource weights, EncoderConfig settings) {
    this(
        id,
        config,
        settings,
        scope -> new VisionTransformer(scope, config, weights, settings.pixels()));
  }

  private VitEncoder(
      String id,
      VitConfig config,
      EncoderConfig settings,
      Function<NDManager, VisionTransformer> load) {
    this.id = id;
    this.preprocess = config.family().preprocess(settings.pixels());
    this.scope = Torch.newScope();
    try {
      this.network = Torch.withGradients(false, () -> load.apply(scope));
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
    this.batch = scope.getDevice().isGpu() ? settings.batch() : 1;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public List<String> vectors() {
    return List.of(network.config().vector());
  }

  @Override
  public List<String> maps() {
    return List.of(PATCHES);
  }

  @Override
  public Map<String, Feature> encode(Images images) {
    VitConfig config = network.config();
    int side = preprocess.size() / config.patch();
    int width = config.width();
    int count = images.count();
    float[] vectors = new float[NamedTensors.elements(count, width)];
    float[] patches = new float[NamedTensors.elements(count, width, side, side)];
    for (int from = 0; from < count; from += batch) {
      Images part = images.slice(from, Math.min(count, from + batch));
      Output output = output(part);
      System.arraycopy(output.vectors(), 0, vectors, from * width, output.vectors().length);
      int all = config.prefix() + side * side;
      for (int n = 0; n < part.count(); n++) {
        int first = (n * all + config.prefix()) * width;
        int to = (from + n) * width * side * side;
        for (int place = 0; place < side * side; place++) {
          for (int c = 0; c < width; c++) {
            patches[to + c * side * side + place] = output.tokens()[first + place * width + c];
          }
        }
      }
    }
    return Map.of(
        config.vector(),
        new Feature(new long[] {count, width}, vectors),
        PATCHES,
        new Feature(new long[] {count, width, side, side}, patches));
  }

  /**
   * @param tokens (B, prefix + patches, D)
   * @param vectors (B, D)
   */
  private record Output(float[] tokens, float[] vectors) {}

  private Output output(Images images) {
    return Torch.withGradients(
        false,
        () -> {
          try (NDManager inner = scope.newSubManager()) {
            NDArray tokens = network.tokens(inner, preprocess.apply(images));
            return new Output(Host.floats(tokens), Host.floats(network.vector(tokens)));
          }
        });
  }

  @Override
  public void close() {
    scope.close();
  }
}
