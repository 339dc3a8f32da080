package io.atelier.actors.compute;

import io.atelier.models.files.LongWork;
import io.atelier.models.sd3.Vae;
import io.atelier.models.sd3.VaePass;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.ImageSource;
import io.atelier.models.vision.Images;
import io.atelier.reward.metrics.HeldOut;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reference images as one autoencoder leaves them, kept in the user's cache; so are features. */
final class PassedReferences {

  private static final Logger LOG = LoggerFactory.getLogger(PassedReferences.class);

  private static final String PASSED = ", as the autoencoder leaves them,";

  private final ReferenceCache cache;
  private final Vae vae;
  private final String pass;

  PassedReferences(Vae vae) {
    this(vae, ReferenceCache.ofUser());
  }

  PassedReferences(Vae vae, ReferenceCache cache) {
    this.cache = cache;
    this.vae = vae;
    this.pass = vae.config() + " " + vae.weights().export().contentHash();
  }

  /**
   * Images encoded and decoded once: those in memory now, all together; others each when it is
   * asked for, as long as the autoencoder is loaded.
   *
   * @param threads native threads, on which the last bits depend
   */
  ImageSource images(ImageSource images, int threads) {
    String way = "passed by %s with %d threads".formatted(pass, threads);
    return images instanceof Images all
        ? cache.images(way, all, () -> pass(all))
        : new PassedImages(images, vae, way, cache);
  }

  /** Features of images that are encoded and decoded once. */
  HeldOut.Features features(Encoder encoder, Images images) {
    return cache.features(
        encoder.id() + " of " + pass, images, () -> look(encoder, pass(images), PASSED));
  }

  /**
   * Features of {@link #images}: of what a critic takes too, so that they pass once for both.
   *
   * @param threads native threads, on which the last bits depend
   */
  HeldOut.Features keptFeatures(Encoder encoder, ImageSource images, int threads) {
    return cache.features(
        "%s of %s with %d threads".formatted(encoder.id(), pass, threads),
        images,
        () -> look(encoder, images(images, threads), PASSED));
  }

  /** Features of images as they are. */
  HeldOut.Features rawFeatures(Encoder encoder, ImageSource images) {
    return cache.features(encoder.id(), images, () -> look(encoder, images, ""));
  }

  private Images pass(Images images) {
    return VaePass.roundTrip(
        vae,
        images,
        LongWork.tenths(LOG, images.count(), "{} of {} references are through the autoencoder"));
  }

  /**
   * @param how the images are, for whoever waits
   */
  private static HeldOut.Features look(Encoder encoder, ImageSource images, String how) {
    return HeldOut.features(
        encoder,
        images,
        LongWork.tenths(
            LOG,
            images.count(),
            "{} of {} references%s are encoded by %s".formatted(how, encoder.id())));
  }
}
