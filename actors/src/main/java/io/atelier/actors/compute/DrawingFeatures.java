package io.atelier.actors.compute;

import io.atelier.models.assets.EmbeddedModel;
import io.atelier.models.assets.EmojiPack;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.sd3.Vae;
import io.atelier.models.sd3.VaePass;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.Images;
import io.atelier.reward.metrics.HeldOut;

/** Features of the embedded drawings, of all concepts in order; kept in the user's cache. */
final class DrawingFeatures {

  private final FeatureCache cache = new FeatureCache(EmbeddedModel.cache());
  private final EmojiPack pack;
  private final Vae vae;
  private final Encoder encoder;
  private final String passes;

  DrawingFeatures(EmojiPack pack, Vae vae, Encoder encoder) {
    this.pack = pack;
    this.vae = vae;
    this.encoder = encoder;
    this.passes = vae.config() + " " + vae.weights().export().contentHash();
  }

  /** Of the drawings of a style passed once through the autoencoder. */
  HeldOut.Features passed(EmojiStyle style) {
    Images images = pack.images(style);
    return cache.get(
        encoder.id() + " of " + passes,
        images,
        () -> HeldOut.features(encoder, VaePass.roundTrip(vae, images)));
  }

  /** Of the drawings as they are. */
  HeldOut.Features raw(EmojiStyle style) {
    Images images = pack.images(style);
    return cache.get(encoder.id(), images, () -> HeldOut.features(encoder, images));
  }
}
