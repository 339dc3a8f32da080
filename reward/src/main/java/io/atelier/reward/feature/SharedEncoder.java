package io.atelier.reward.feature;

import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.Images;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An encoder with several users. Once it is lent twice, the features of the last images are cached,
 * so that the second user does not need another pass. Not thread-safe: one compute thread owns it.
 */
public final class SharedEncoder implements AutoCloseable {

  private record Pass(Images images, Map<String, Encoder.Feature> features) {}

  private final Encoder encoder;
  private int lent;
  private Optional<Pass> last = Optional.empty();

  /**
   * @param encoder closed with this
   */
  public SharedEncoder(Encoder encoder) {
    this.encoder = encoder;
  }

  /** Returns a view for one user; closing it has no effect. */
  public Encoder lend() {
    lent++;
    return new Lent();
  }

  private Map<String, Encoder.Feature> encode(Images images) {
    if (last.isPresent() && last.get().images() == images) {
      return last.get().features();
    }
    last = Optional.empty(); // frees its memory before the next pass
    Map<String, Encoder.Feature> features = encoder.encode(images);
    if (lent > 1) {
      last = Optional.of(new Pass(images, features));
    }
    return features;
  }

  private final class Lent implements Encoder {
    @Override
    public String id() {
      return encoder.id();
    }

    @Override
    public List<String> vectors() {
      return encoder.vectors();
    }

    @Override
    public List<String> maps() {
      return encoder.maps();
    }

    @Override
    public Map<String, Feature> encode(Images images) {
      return SharedEncoder.this.encode(images);
    }

    @Override
    public void close() {}
  }

  @Override
  public void close() {
    encoder.close();
  }
}
