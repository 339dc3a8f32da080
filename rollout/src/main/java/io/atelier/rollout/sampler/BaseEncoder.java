package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.atelier.models.sd3.Mmdit;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.VaeConfig;
import io.atelier.models.sd3.VaeEncoder;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.MapStatistics;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.flow.NoisedLatents;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The velocity network of a pipeline as a frozen encoder: its image stream after one third and two
 * thirds of its blocks, given an image's latents at noise level 0.3 and the empty caption. Features
 * learned for denoising distinguish images in other ways than a classifier's. The weights are those
 * of the pipeline's files, never an adapter's or those that a run trains; the noise is the same for
 * all images of one size. Images are encoded one at a time, so that their last bits do not depend
 * on the rest of the batch. Not thread-safe: one compute thread owns it.
 */
public final class BaseEncoder implements Encoder {

  /**
   * Names of the maps, the same as those of embedded encoders, and of the second one's mean over
   * positions.
   */
  public static final String LOW = "low";

  public static final String MID = "mid";
  public static final String POOL = "pool";

  private static final float LEVEL = 0.3f;

  /** Seed of the noise; the same for every run. */
  private static final long SEED = 64;

  private final NDManager scope;
  private final VaeEncoder autoencoder;
  private final Mmdit network;
  private final Conditions nothing;
  private final float timestep;
  private final EncoderConfig config;

  /**
   * @param config side that images are resized to, see {@link #requireFits}, and the method
   * @param t5Length T5 tokens per prompt, if the model has T5
   */
  public BaseEncoder(PipelineFolder folder, EncoderConfig config, int t5Length) {
    requireFits(folder.transformerConfig(), folder.vaeConfig(), config.pixels());
    this.config = config;
    this.timestep = LEVEL * folder.trainTimesteps();
    this.autoencoder = new VaeEncoder(folder, config);
    this.scope = Torch.newScope();
    try {
      this.network = folder.loadTransformer(scope);
      this.nothing = nothing(scope, folder, t5Length);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** The conditions of the empty caption; the text encoders are closed afterwards. */
  private static Conditions nothing(NDManager scope, PipelineFolder folder, int t5Length) {
    try (NDManager words = Torch.newScope();
        TextFeatures text = TextEncoders.open(words, folder, t5Length)) {
      text.prepare(List.of(""));
      return new PromptRows(words, text).of(scope, List.of(), List.of(""));
    }
  }

  /**
   * Rejects a side that is not a whole number of patches or exceeds the network's positions, and a
   * network with fewer than two blocks.
   */
  public static void requireFits(MmditConfig network, VaeConfig vae, int pixels) {
    if (network.layers() < 2) {
      throw new IllegalArgumentException(
          "encoder is base, which needs two blocks of the model's velocity network, but that has %d; name another"
              .formatted(network.layers()));
    }
    int unit = vae.factor() * network.patchSize();
    int most = unit * network.positions();
    if (pixels % unit != 0 || pixels > most) {
      throw new IllegalArgumentException(
          "encoder-pixels is %d, must be a multiple of %d up to %d for the model's velocity network"
              .formatted(pixels, unit, most));
    }
  }

  @Override
  public String id() {
    return "base@%d".formatted(config.pixels());
  }

  @Override
  public List<String> vectors() {
    return List.of(POOL);
  }

  @Override
  public List<String> maps() {
    return List.of(LOW, MID);
  }

  @Override
  public Map<String, Feature> encode(Images images) {
    Feature latents = autoencoder.encode(images).get(VaeEncoder.LATENTS);
    int count = images.count();
    int channels = network.config().width();
    int side = Math.toIntExact(latents.shape()[2]) / network.config().patchSize();
    int size = latents.values().length / Math.max(1, count);
    float[] noise =
        new GroupNoise(SEED).normals(Purpose.FORWARD_NOISE, new GroupId(0, 0), 0, 1, size);
    List<float[]> maps =
        maps().stream()
            .map(name -> new float[NamedTensors.elements(count, channels, side, side)])
            .toList();
    NoisedLatents noised = new NoisedLatents(size);
    for (int i = 0; i < count; i++) {
      float[] clean = Arrays.copyOfRange(latents.values(), i * size, (i + 1) * size);
      noised.set(0, clean, noise, LEVEL);
      List<float[]> streams = streams(noised.latents(), latents.shape());
      for (int map = 0; map < maps.size(); map++) {
        turn(streams.get(map), maps.get(map), i * channels * side * side, channels);
      }
    }
    long[] shape = {count, channels, side, side};
    Feature mid = new Feature(shape, maps.get(1));
    return Map.of(LOW, new Feature(shape, maps.get(0)), MID, mid, POOL, mean(mid));
  }

  /** The image stream of one image at the maps' blocks, (positions, channels) each. */
  private List<float[]> streams(float[] latents, long[] shape) {
    return Torch.withGradients(
        false,
        () -> {
          try (NDManager work = scope.newSubManager()) {
            NDArray x = Host.toNative(work, latents, 1, shape[1], shape[2], shape[3]);
            NDArray time = work.full(new Shape(1), timestep, DataType.FLOAT32);
            return network
                .hidden(
                    x, time, nothing.context(), nothing.lastRepeats(), nothing.pooled(), blocks())
                .stream()
                .map(Host::floats)
                .toList();
          }
        });
  }

  /** The last blocks of the first and the second third. */
  private List<Integer> blocks() {
    int layers = network.config().layers();
    return IntStream.of((layers + 2) / 3 - 1, (2 * layers + 2) / 3 - 1).boxed().toList();
  }

  /** Transposes (positions, channels) to (channels, positions). */
  private static void turn(float[] stream, float[] map, int at, int channels) {
    int places = stream.length / channels;
    for (int place = 0; place < places; place++) {
      for (int channel = 0; channel < channels; channel++) {
        map[at + channel * places + place] = stream[place * channels + channel];
      }
    }
  }

  /** The mean over positions, (n, C). */
  private static Feature mean(Feature map) {
    int count = Math.toIntExact(map.shape()[0]);
    int channels = Math.toIntExact(map.shape()[1]);
    float[] both = MapStatistics.meanStd(map).values();
    float[] means = new float[count * channels];
    for (int i = 0; i < count; i++) {
      System.arraycopy(both, 2 * i * channels, means, i * channels, channels);
    }
    return new Feature(new long[] {count, channels}, means);
  }

  @Override
  public void close() {
    autoencoder.close();
    scope.close();
  }
}
