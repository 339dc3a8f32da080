package io.atelier.reward.adversarial;

import io.atelier.models.state.NamedTensors.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * Builds the inputs of a discriminator's head for a batch of images: the global view and places of
 * maps.
 */
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

  /** Returns the name of a view's projection. */
  static String projection(DiscriminatorConfig config, String view) {
    return config.sharedProjection() ? SHARED : view;
  }

  /** Returns the global view of every image, under the given prompt vectors. */
  Head.Input global(FeatureBatch batch, float[][] condition) {
    return withPrior(encoded(batch, condition), batch);
  }

  /**
   * Adds the prior's score to the features, if the head sees it.
   *
   * @param input the result of {@link #encoded} for the batch
   */
  Head.Input withPrior(Head.Input input, FeatureBatch batch) {
    return prior.map(own -> own.beside(input, batch)).orElse(input);
  }

  /** Returns the global view of every image, with the encoder's features only. */
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

  /** Returns the drawn places of every map. */
  List<Head.Input> locals(FeatureBatch batch, Places places) {
    return config.maps().stream().map(map -> local(batch, map, places)).toList();
  }

  /** Returns the drawn places of one map, image by image. */
  Head.Input local(FeatureBatch batch, String map, Places places) {
    return local(batch, map, drawn(batch, map, places));
  }

  /** Returns the judged places of a map, by image. */
  static int[][] drawn(FeatureBatch batch, String map, Places places) {
    return places.of(map, batch.count(), places(batch, map));
  }

  /** Returns the number of places of a map. */
  static int places(FeatureBatch batch, String map) {
    return (int) batch.views().get(FeatureBatch.LOCAL + map).shape()[1];
  }

  /** Returns the given places of one map, image by image. */
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
