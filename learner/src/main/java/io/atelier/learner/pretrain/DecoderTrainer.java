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

/**
 * Trains the decoder of a finished autoencoder on noisy latents, so that it tolerates the errors of
 * a velocity network (noise-augmented decoding: Zheng et al. 2025, arXiv 2510.11690). The encoder,
 * and so the velocity network's targets, do not change.
 */
final class DecoderTrainer implements AutoCloseable {

  /**
   * Scale of the half-normal from which an image's noise level is drawn; latents have standard
   * deviation 1.
   */
  private static final double NOISE = 0.3;

  private static final int WARM_UP = 100;
  private static final double AVERAGE_DECAY = 0.998;

  private final NDManager scope;
  private final PretrainConfig.Stage stage;
  private final VaeConfig config;
  private final GroupNoise noise;
  private final Images images;
  private final float[] latents;
  private final int elements;
  private final Vae vae;
  private final Optimizer optimizer;

  /**
   * @param weights weights of the autoencoder, whose latents have standard deviation 1 in every
   *     channel
   * @param images the training images; each is also used mirrored
   */
  DecoderTrainer(
      NDManager parent,
      VaeConfig config,
      NamedTensors weights,
      PretrainConfig.Stage stage,
      long seed,
      Images images) {
    this.scope = parent.newSubManager();
    this.stage = stage;
    this.config = config;
    this.noise = new GroupNoise(seed);
    this.images = withMirrored(images);
    this.vae = new Vae(scope, config, WeightSource.of("autoencoder", weights));
    this.latents = VaePass.encode(vae, this.images);
    this.elements = latents.length / this.images.count();
    String[] encoder =
        vae.weights().arrays().keySet().stream()
            .filter(name -> name.startsWith("encoder."))
            .toArray(String[]::new);
    this.optimizer =
        PretrainConfig.optimizer(
            vae.weights().trainable("autoencoder", encoder), stage.rate(), 0, AVERAGE_DECAY);
  }

  private static Images withMirrored(Images images) {
    Images[] both = new Images[2 * images.count()];
    for (int i = 0; i < images.count(); i++) {
      both[2 * i] = images.get(i);
      both[2 * i + 1] = Pixels.mirrored(images.get(i));
    }
    return Images.concat(both);
  }

  /** Runs one update; returns the mean squared error of the batch, with pixels in [−1, 1]. */
  double step(int step) {
    Torch.enter(true);
    RandomStream random = noise.stream(Purpose.PRETRAIN, step);
    Images[] chosen = new Images[stage.batch()];
    float[] noisy = new float[chosen.length * elements];
    for (int i = 0; i < chosen.length; i++) {
      int index = random.nextInt(images.count());
      chosen[i] = images.get(index);
      float[] normals = random.normals(elements + 1);
      double width = NOISE * Math.abs(normals[elements]);
      for (int e = 0; e < elements; e++) {
        noisy[i * elements + e] = (float) (latents[index * elements + e] + width * normals[e]);
      }
    }
    try (NDManager batch = scope.newSubManager()) {
      int side = (int) Math.round(Math.sqrt(elements / (double) config.latentChannels()));
      NDArray z = Host.toNative(batch, noisy, chosen.length, config.latentChannels(), side, side);
      NDArray pixels = Pixels.toNative(batch, Images.concat(chosen));
      NDArray error = TorchOps.call("mse", vae.decode(z), pixels);
      double value = Host.floats(error)[0];
      if (!Double.isFinite(value)) {
        throw new IllegalStateException(
            "the decoder's loss is %s at step %d".formatted(value, step));
      }
      Autograd.backward(error);
      stage.update(optimizer, step, WARM_UP, AVERAGE_DECAY);
      return value;
    }
  }

  /** Returns the autoencoder with the decoder's averaged weights. */
  NamedTensors averaged() {
    return vae.weights().export().with(optimizer.averaged());
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
