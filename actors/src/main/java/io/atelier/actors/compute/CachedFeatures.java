package io.atelier.actors.compute;

import io.atelier.models.assets.EmbeddedModel;
import io.atelier.models.sd3.Vae;
import io.atelier.models.sd3.VaePass;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.Images;
import io.atelier.reward.metrics.HeldOut;

/** Features of reference images by one encoder, kept in the user's cache. */
final class CachedFeatures {

  private final FeatureCache cache = new FeatureCache(EmbeddedModel.cache());
  private final Vae vae;
  private final Encoder encoder;
  private final String passes;

  CachedFeatures(Vae vae, Encoder encoder) {
    this.vae = vae;
    this.encoder = encoder;
    this.passes = vae.config() + " " + vae.weights().export().contentHash();
  }

  /** Of images passed once through the autoencoder. */
  HeldOut.Features passed(Images images) {
    return cache.get(
        encoder.id() + " of " + passes,
        images,
        () -> HeldOut.features(encoder, VaePass.roundTrip(vae, images)));
  }

  /** Of images as they are. */
  HeldOut.Features raw(Images images) {
    return cache.get(encoder.id(), images, () -> HeldOut.features(encoder, images));
  }
}
