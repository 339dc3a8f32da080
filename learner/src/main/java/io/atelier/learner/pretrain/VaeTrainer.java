package io.atelier.learner.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.optim.Optimizer;
import io.atelier.models.sd3.Pixels;
import io.atelier.models.sd3.Vae;
import io.atelier.models.sd3.VaeConfig;
import io.atelier.models.sd3.VaePass;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Autograd;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.TorchOps;
import io.atelier.models.tensor.WeightSource;
import io.atelier.models.vision.Images;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.noise.RandomStream;
import java.util.Map;
import java.util.TreeMap;

/**
 * Trains the autoencoder by {@code mse + 1e-4 KL}, where {@code KL = C / 2 mean(mu^2 + e^s - s -
 * 1)} is the divergence of the posterior, with mean mu and log-variance s of C channels, from a
 * standard normal (Kingma and Welling 2014, arXiv 1312.6114). Step k draws its batch from stream k
 * of the seed, so a run resumed from {@link #state} is bit-exact.
 */
final class VaeTrainer implements AutoCloseable {

  /**
   * About the weight for a Gaussian decoder with an error of 26 dB. The posterior then has some
   * width, and the decoder learns to tolerate errors of that size, which the velocity network will
   * make: at a hundredth of this weight, latents off by 0.3 standard deviations decode to grain.
   */
  private static final float DIVERGENCE_WEIGHT = 1e-4f;

  /** Initial log-variance of the posterior, low so that its noise does not swamp early training. */
  private static final float FIRST_LOG_VARIANCE = -6f;

  private static final int WARM_UP = 100;
  private static final double AVERAGE_DECAY = 0.998;

  private final NDManager scope;
  private final PretrainConfig.Stage stage;
  private final VaeConfig config;
  private final GroupNoise noise;
  private final Images images;
  private final Vae vae;
  private final Optimizer optimizer;

  /**
   * @param images the training images
   */
  VaeTrainer(
      NDManager parent, VaeConfig config, PretrainConfig.Stage stage, long seed, Images images) {
    this.scope = parent.newSubManager();
    this.stage = stage;
    this.config = config;
    this.noise = new GroupNoise(seed);
    this.images = images;
    this.vae = new Vae(scope, config, WeightSource.of("first weights", firstWeights(config, seed)));
    this.optimizer =
        PretrainConfig.optimizer(
            vae.weights().trainable("autoencoder"), stage.rate(), 0, AVERAGE_DECAY);
  }

  private static NamedTensors firstWeights(VaeConfig config, long seed) {
    NamedTensors drawn =
        Initializer.draw(
            config.shapes(),
            seed,
            (name, shape) -> {
              if (shape.length == 1) {
                return name.contains("norm") && name.endsWith("weight")
                    ? Initializer.ONES
                    : Initializer.ZEROS;
              }
              return Initializer.fanIn(1);
            });
    float[] bias = drawn.get("encoder.conv_out.bias").values();
    java.util.Arrays.fill(bias, config.latentChannels(), bias.length, FIRST_LOG_VARIANCE);
    return drawn;
  }

  /** Runs one update; returns the mean squared error of the batch, with pixels in [−1, 1]. */
  double step(int step) {
    Torch.enter(true);
    RandomStream random = noise.stream(Purpose.PRETRAIN, step);
    try (NDManager batch = scope.newSubManager()) {
      NDArray pixels = Pixels.toNative(batch, draw(random));
      NDArray moments = vae.moments(pixels);
      int channels = config.latentChannels();
      NDArray mean = TorchOps.slice(moments, 1, 0, channels);
      NDArray logVariance = TorchOps.slice(moments, 1, channels, 2L * channels).clip(-30, 20);
      int size = Math.toIntExact(mean.size());
      NDArray eps = Host.toNative(batch, random.normals(size), mean.getShape().getShape());
      NDArray half = Host.toNative(batch, 0.5f);
      NDArray decoded = vae.decodeRaw(mean.add(logVariance.mul(half).exp().mul(eps)));
      NDArray error = TorchOps.call("mse", decoded, pixels);
      NDArray divergence =
          mean.square()
              .add(logVariance.exp())
              .sub(logVariance)
              .sub(Host.toNative(batch, 1f))
              .mean()
              .mul(Host.toNative(batch, 0.5f * channels));
      double value = Host.floats(error)[0];
      if (!Double.isFinite(value)) {
        throw new IllegalStateException(
            "the autoencoder's loss is %s at step %d".formatted(value, step));
      }
      Autograd.backward(error.add(divergence.mul(Host.toNative(batch, DIVERGENCE_WEIGHT))));
      stage.update(optimizer, step, WARM_UP, AVERAGE_DECAY);
      return value;
    }
  }

  private Images draw(RandomStream random) {
    Images[] chosen = new Images[stage.batch()];
    for (int i = 0; i < chosen.length; i++) {
      Images image = images.get(random.nextInt(images.count()));
      chosen[i] = random.nextInt(2) == 0 ? image : Pixels.mirrored(image);
    }
    return Images.concat(chosen);
  }

  /** Returns the averaged weights, scaled so that every latent channel has standard deviation 1. */
  NamedTensors finish() {
    try (NDManager work = scope.newSubManager()) {
      Vae averaged = new Vae(work, config, WeightSource.of("average", optimizer.averaged()));
      return foldSpread(averaged.weights().export(), spread(averaged));
    }
  }

  /** Returns the averaged weights, not scaled. */
  Vae averaged(NDManager owner) {
    return new Vae(owner, config, WeightSource.of("average", optimizer.averaged()));
  }

  /** Returns the standard deviation of each latent channel over the training images. */
  private double[] spread(Vae averaged) {
    int channels = config.latentChannels();
    double[] sum = new double[channels];
    double[] square = new double[channels];
    long count = 0;
    for (Images part : Pixels.batches(images, 64)) {
      float[] latents = VaePass.encode(averaged, part);
      int area = latents.length / part.count() / channels;
      for (int i = 0; i < latents.length; i++) {
        int channel = i / area % channels;
        sum[channel] += latents[i];
        square[channel] += (double) latents[i] * latents[i];
      }
      count += (long) part.count() * area;
    }
    double[] deviation = new double[channels];
    for (int c = 0; c < channels; c++) {
      double mean = sum[c] / count;
      deviation[c] = Math.sqrt(square[c] / count - mean * mean);
    }
    return deviation;
  }

  /**
   * Divides the encoder's means by the standard deviation and multiplies the decoder's inputs by
   * it, inside their convolutions: the file format has only one scale for all channels, which stays
   * 1.
   */
  private NamedTensors foldSpread(NamedTensors weights, double[] deviation) {
    int channels = config.latentChannels();
    Map<String, NamedTensors.Tensor> folded = new TreeMap<>(weights.asMap());
    float[] outWeight = weights.get("encoder.conv_out.weight").values().clone();
    float[] outBias = weights.get("encoder.conv_out.bias").values().clone();
    int unit = outWeight.length / outBias.length;
    for (int c = 0; c < channels; c++) {
      for (int i = c * unit; i < (c + 1) * unit; i++) {
        outWeight[i] /= (float) deviation[c];
      }
      outBias[c] /= (float) deviation[c];
      outBias[c + channels] -= (float) (2 * Math.log(deviation[c]));
    }
    float[] inWeight = weights.get("decoder.conv_in.weight").values().clone();
    for (int i = 0; i < inWeight.length; i++) {
      inWeight[i] *= (float) deviation[i / 9 % channels];
    }
    put(folded, "encoder.conv_out.weight", outWeight);
    put(folded, "encoder.conv_out.bias", outBias);
    put(folded, "decoder.conv_in.weight", inWeight);
    return new NamedTensors(folded);
  }

  private static void put(Map<String, NamedTensors.Tensor> map, String name, float[] values) {
    map.put(name, new NamedTensors.Tensor(map.get(name).shape(), values));
  }

  NamedTensors state() {
    return new NamedTensors(optimizer.state());
  }

  void restore(NamedTensors state) {
    optimizer.restore(state);
  }

  @Override
  public void close() {
    scope.close();
  }
}
