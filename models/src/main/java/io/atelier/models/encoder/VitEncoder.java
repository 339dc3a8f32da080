package io.atelier.models.encoder;

import ai.djl.ndarray.NDManager;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.WeightSource;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.Images;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A Vision Transformer as an encoder. Outputs at P input pixels and patches of p: {@code cls} (n,
 * D), or {@code pool} where there is no class token, and {@code patches} (n, D, P/p, P/p), all
 * after the final norm; and for each requested block {@code block0} and so on, like {@code
 * patches}, but its output before any norm.
 *
 * <p>On the CPU, images are encoded one at a time, so that their features do not depend on the rest
 * of the batch; on a GPU the last bits may.
 */
public final class VitEncoder implements Encoder {

  static final String PATCHES = "patches";
  private static final Pattern BLOCK = Pattern.compile("block(\\d{1,4})");

  private final String id;
  private final int pixels;
  private final List<Integer> blocks;
  private final VitPass pass;

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
   * @param weights weights under the names of the layout of {@code config}
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
    this.pixels = settings.pixels();
    this.blocks = settings.blocks();
    for (int block : blocks) {
      if (block >= config.depth()) {
        throw new IllegalArgumentException(
            "%s: there is no %s; it has block0 to %s"
                .formatted(id, output(block), output(config.depth() - 1)));
      }
    }
    this.pass = new VitPass(config, pixels, settings.batch(), load);
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public List<String> vectors() {
    return List.of(pass.network().config().vector());
  }

  @Override
  public List<String> maps() {
    return maps(blocks.stream());
  }

  /** The outputs of all blocks that can be requested of an encoder of this depth. */
  static List<String> maps(int depth) {
    return maps(IntStream.range(0, depth).boxed());
  }

  private static List<String> maps(Stream<Integer> blocks) {
    return Stream.concat(Stream.of(PATCHES), blocks.map(VitEncoder::output)).toList();
  }

  private static String output(int block) {
    return "block" + block;
  }

  /** The blocks among output names, ascending. */
  public static List<Integer> blocks(Collection<String> outputs) {
    return outputs.stream()
        .map(BLOCK::matcher)
        .filter(Matcher::matches)
        .map(name -> Integer.valueOf(name.group(1)))
        .distinct()
        .sorted()
        .toList();
  }

  @Override
  public Map<String, Feature> encode(Images images) {
    VitConfig config = pass.network().config();
    int side = pixels / config.patch();
    int width = config.width();
    int count = images.count();
    float[] vectors = new float[NamedTensors.elements(count, width)];
    long[] shape = {count, width, side, side};
    Map<String, Feature> outputs = new TreeMap<>();
    for (String map : maps()) {
      outputs.put(map, new Feature(shape, new float[NamedTensors.elements(shape)]));
    }
    pass.tokens(
        images,
        (from, block, tokens) -> {
          if (blocks.contains(block)) {
            float[] values = outputs.get(output(block)).values();
            channelsFirst(Host.floats(tokens), config, side * side, values, from);
          }
        },
        (from, tokens) -> {
          float[] some = Host.floats(pass.network().vector(tokens));
          System.arraycopy(some, 0, vectors, from * width, some.length);
          float[] values = outputs.get(PATCHES).values();
          channelsFirst(Host.floats(tokens), config, side * side, values, from);
        });
    outputs.put(config.vector(), new Feature(new long[] {count, width}, vectors));
    return outputs;
  }

  /**
   * Writes the patches of some images to their positions, channels first.
   *
   * @param tokens (B, prefix + places, D)
   * @param patches patches of all images, (n, D, places)
   * @param from index of the first of these images among all
   */
  private static void channelsFirst(
      float[] tokens, VitConfig config, int places, float[] patches, int from) {
    int width = config.width();
    int all = config.prefix() + places;
    for (int n = 0; n < tokens.length / (all * width); n++) {
      int first = (n * all + config.prefix()) * width;
      int to = (from + n) * width * places;
      for (int place = 0; place < places; place++) {
        for (int c = 0; c < width; c++) {
          patches[to + c * places + place] = tokens[first + place * width + c];
        }
      }
    }
  }

  @Override
  public void close() {
    pass.close();
  }
}
