package io.atelier.reward.adversarial;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.Images;
import io.atelier.rollout.noise.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Features of reference images, each encoded when it is first drawn and then kept; about 75 kB an
 * image for Lite0 at 128 pixels. Augmented images are encoded each time.
 */
final class ReferenceFeatures implements AutoCloseable {

  private final Encoder encoder;
  private final DiscriminatorConfig config;
  private final Images images;
  private final IntFunction<RandomStream> kept;
  private final Map<Integer, FeatureBatch> known = new HashMap<>();

  /**
   * @param kept the stream by which the places of a reference are drawn that are kept of it
   */
  ReferenceFeatures(
      Encoder encoder, DiscriminatorConfig config, Images images, IntFunction<RandomStream> kept) {
    this.encoder = encoder;
    this.kept = kept;
    this.config = config;
    this.images = images;
  }

  /** Features of the images at {@code indices}, in that order. */
  NamedTensors of(int[] indices) {
    int[] missing = Arrays.stream(indices).distinct().filter(i -> !known.containsKey(i)).toArray();
    if (missing.length > 0) {
      FeatureBatch encoded = encode(gather(missing), i -> kept.apply(missing[i]));
      for (int i = 0; i < missing.length; i++) {
        known.put(missing[i], encoded.select(new int[] {i}));
      }
    }
    List<FeatureBatch> parts = new ArrayList<>();
    for (int index : indices) {
      parts.add(known.get(index));
    }
    return FeatureBatch.concat(parts).views();
  }

  /**
   * Features of the images at {@code indices} after augmentation, each from its own stream.
   *
   * @param kept the streams by which places are drawn
   */
  NamedTensors augmented(
      int[] indices, IntFunction<RandomStream> random, IntFunction<RandomStream> kept) {
    return encode(Augmentation.apply(config.augmentation(), gather(indices), random), kept).views();
  }

  private FeatureBatch encode(Images batch, IntFunction<RandomStream> kept) {
    NamedTensors views =
        FeatureBatch.kept(
            FeatureBatch.views(config, encoder.encode(batch)), config.keptPlaces(), kept);
    return new FeatureBatch(batch.count(), views, new float[0][]);
  }

  private Images gather(int[] indices) {
    return Images.concat(Arrays.stream(indices).mapToObj(images::get).toArray(Images[]::new));
  }

  @Override
  public void close() {
    encoder.close();
  }
}
