package io.atelier.reward.clip;

import io.atelier.models.encoder.Clip;
import io.atelier.models.encoder.ClipFolder;
import io.atelier.models.vision.Encoder;
import io.atelier.reward.feature.FeatureSource;
import io.atelier.reward.feature.FeatureVectors;
import io.atelier.reward.feature.SharedEncoder;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The CLIPs and other encoders that the rewards of one scorer share: each is opened on first use,
 * and all are closed with the scorer. Not thread-safe: one compute thread owns it.
 */
public final class Clips implements AutoCloseable {

  private final Map<ClipFolder, Clip> open = new IdentityHashMap<>();
  private final Map<FeatureSource, FeatureVectors> features = new IdentityHashMap<>();
  private final Map<Supplier<Encoder>, SharedEncoder> encoders = new IdentityHashMap<>();

  /**
   * @param batch images encoded at once on a GPU; the first caller's value is used
   * @return the same object for the same {@code folder}; closed with this
   */
  public Clip of(ClipFolder folder, int batch) {
    return open.computeIfAbsent(folder, it -> new Clip(it, batch));
  }

  /**
   * @return the same object for the same {@code source}; closed with this
   */
  public FeatureVectors features(FeatureSource source) {
    return features.computeIfAbsent(source, FeatureVectors::new);
  }

  /**
   * Returns an encoder whose pass over a group is shared by all callers with the same supplier.
   *
   * @param encoder creates it
   * @return a view whose {@code close} has no effect; the encoder is closed with this
   */
  public Encoder encoder(Supplier<Encoder> encoder) {
    return encoders.computeIfAbsent(encoder, it -> new SharedEncoder(it.get())).lend();
  }

  @Override
  public void close() {
    encoders.values().forEach(SharedEncoder::close);
    encoders.clear();
    open.values().forEach(Clip::close);
    open.clear();
    features.values().forEach(FeatureVectors::close);
    features.clear();
  }
}
