package io.atelier.actors.compute;

import io.atelier.models.sd3.Vae;
import io.atelier.models.sd3.VaePass;
import io.atelier.models.vision.ImageSource;
import io.atelier.models.vision.Images;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * Images of a set that may be larger than memory as one autoencoder leaves them. Each passes alone,
 * so that its last bits depend on no other, when it is first asked for; then it is in the user's
 * cache.
 *
 * @param images as they were drawn
 * @param vae stays the caller's
 * @param way names the pass and all that its last bits depend on
 */
record PassedImages(ImageSource images, Vae vae, String way, ReferenceCache cache)
    implements ImageSource {

  @Override
  public int count() {
    return images.count();
  }

  @Override
  public int height() {
    return images.height();
  }

  @Override
  public int width() {
    return images.width();
  }

  @Override
  public Images get(int index) {
    Images drawn = images.get(index);
    return cache.image(way, drawn, () -> VaePass.roundTrip(vae, drawn));
  }

  @Override
  public void identify(MessageDigest digest) {
    digest.update(way.getBytes(StandardCharsets.UTF_8));
    images.identify(digest);
  }
}
