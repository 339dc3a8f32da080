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
  private final Map<Integer, FeatureBatch> known = new HashMap<>();

  ReferenceFeatures(Encoder encoder, DiscriminatorConfig config, Images images) {
    this.encoder = encoder;
    this.config = config;
    this.images = images;
  }

  /** Features of the images at {@code indices}, in that order. */
  NamedTensors of(int[] indices) {
    int[] missing = Arrays.stream(indices).distinct().filter(i -> !known.containsKey(i)).toArray();
    if (missing.length > 0) {
      FeatureBatch encoded = encode(gather(missing));
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

  /** Features of the images at {@code indices} after augmentation, each from its own stream. */
  NamedTensors augmented(int[] indices, IntFunction<RandomStream> random) {
    return encode(Augmentation.apply(config.augmentation(), gather(indices), random)).views();
  }

  private FeatureBatch encode(Images batch) {
    NamedTensors views = FeatureBatch.views(config, encoder.encode(batch));
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
