package io.atelier.reward.adversarial;

import io.atelier.models.state.NamedTensors.Tensor;
import java.util.List;
import java.util.Optional;

/** What a discriminator's head sees of a batch of images: each as a whole, and places of maps. */
final class HeadInputs {
  private static final String SHARED = "shared";

  private final DiscriminatorConfig config;
  private final FeatureScale scale;
  private final Optional<PriorTerm> prior;

  HeadInputs(DiscriminatorConfig config, FeatureScale scale, Optional<PriorTerm> prior) {
    this.config = config;
    this.scale = scale;
    this.prior = prior;
  }

  /** Name of the projection that a view goes through. */
  static String projection(DiscriminatorConfig config, String view) {
    return config.sharedProjection() ? SHARED : view;
  }

  /** Every image as a whole, under the given prompt vectors. */
  Head.Input global(FeatureBatch batch, float[][] condition) {
    return withPrior(encoded(batch, condition), batch);
  }

  /**
   * The same with what the head sees of the prior beside the features of the encoder.
   *
   * @param input of the batch, as {@link #encoded} makes it
   */
  Head.Input withPrior(Head.Input input, FeatureBatch batch) {
    return prior.map(own -> own.beside(input, batch)).orElse(input);
  }

  /** Every image by the encoder's features alone. */
  Head.Input encoded(FeatureBatch batch, float[][] condition) {
    if (condition.length > 0 != config.conditionWidth() > 0) {
      throw new IllegalArgumentException(
          "%d prompt vectors for a head with condition width %d"
              .formatted(condition.length, config.conditionWidth()));
    }
    Tensor view = batch.views().get(FeatureBatch.GLOBAL);
    float[] x = view.values().clone();
    scale.apply(FeatureBatch.GLOBAL, x, (int) view.shape()[1]);
    return new Head.Input(
        projection(config, FeatureBatch.GLOBAL), Head.OUT, batch.count(), x, condition);
  }

  /** The drawn places of every map. */
  List<Head.Input> locals(FeatureBatch batch, Places places) {
    return config.maps().stream().map(map -> local(batch, map, places)).toList();
  }

  /** The drawn places of one map, image after image. */
  Head.Input local(FeatureBatch batch, String map, Places places) {
    return local(batch, map, drawn(batch, map, places));
  }

  /** By image, the places of a map that are judged. */
  static int[][] drawn(FeatureBatch batch, String map, Places places) {
    return places.of(map, batch.count(), places(batch, map));
  }

  /** Places of a map. */
  static int places(FeatureBatch batch, String map) {
    return (int) batch.views().get(FeatureBatch.LOCAL + map).shape()[1];
  }

  /** These places of one map, image after image. */
  Head.Input local(FeatureBatch batch, String map, int[][] drawn) {
    String name = FeatureBatch.LOCAL + map;
    Tensor view = batch.views().get(name);
    int all = places(batch, map);
    int width = (int) view.shape()[2];
    int each = drawn[0].length;
    float[] x = new float[batch.count() * each * width];
    for (int n = 0; n < batch.count(); n++) {
      for (int k = 0; k < each; k++) {
        int from = (n * all + drawn[n][k]) * width;
        System.arraycopy(view.values(), from, x, (n * each + k) * width, width);
      }
    }
    scale.apply(name, x, width);
    String last = config.pooling().fusion() == Fusion.GATED ? Head.last(name) : Head.OUT;
    return new Head.Input(projection(config, name), last, batch.count() * each, x, new float[0][]);
  }
}
