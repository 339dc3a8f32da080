package io.atelier.reward.adversarial;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Inputs of the discriminator, and how its logits become a reward. Scorer and critic must use the
 * same.
 *
 * @param hidden width H of the head's hidden layer
 * @param vectors encoder outputs (n, C) that are concatenated as the global view
 * @param statistics encoder outputs (n, C, h, w) whose spatial mean and standard deviation join the
 *     global view
 * @param maps encoder outputs (n, C, h, w) whose places are judged one by one, each by its
 *     channels; empty for no local term
 * @param sharedProjection whether the global view and all maps go through one first layer, as class
 *     token and patches do in the paper (they must then have the same width); otherwise each has
 *     its own
 * @param normalise normalisation of features
 * @param conditionWidth length of the prompt's vector, on which the global logit then depends (not
 *     in the paper); 0 for a head that does not see the prompt
 * @param globalWeight weight of the global logit in the reward
 * @param localWeight weight of the local logit in the reward; 0 if and only if there are no maps
 * @param scorePlaces places of each map drawn for scoring, with replacement, the same for all
 *     images of a group; 0 for every place once
 * @param keptPlaces largest number of places of each map that are kept of an image to train the
 *     critic, drawn without replacement if there are more: all 1369 of a DINOv2-B would be 4 MB an
 *     image
 * @param augmentation blur and noise on references and generated images before they are encoded for
 *     training; scores are of the unchanged images
 * @param pooling how logits become the reward
 * @param residual the prior to which the logits are a residual; empty for none
 * @param ensemble number of heads, and how their scores are combined
 */
public record DiscriminatorConfig(
    int hidden,
    List<String> vectors,
    List<String> statistics,
    List<String> maps,
    boolean sharedProjection,
    Normalise normalise,
    int conditionWidth,
    double globalWeight,
    double localWeight,
    int scorePlaces,
    int keptPlaces,
    AugmentationConfig augmentation,
    PoolingConfig pooling,
    Optional<ResidualConfig> residual,
    EnsembleConfig ensemble) {

  /** One head without a prior. */
  public DiscriminatorConfig(
      int hidden,
      List<String> vectors,
      List<String> statistics,
      List<String> maps,
      boolean sharedProjection,
      Normalise normalise,
      int conditionWidth,
      double globalWeight,
      double localWeight,
      int scorePlaces,
      int keptPlaces,
      AugmentationConfig augmentation,
      PoolingConfig pooling) {
    this(
        hidden,
        vectors,
        statistics,
        maps,
        sharedProjection,
        normalise,
        conditionWidth,
        globalWeight,
        localWeight,
        scorePlaces,
        keptPlaces,
        augmentation,
        pooling,
        Optional.empty(),
        EnsembleConfig.SINGLE);
  }

  public DiscriminatorConfig {
    vectors = List.copyOf(vectors);
    statistics = List.copyOf(statistics);
    maps = List.copyOf(maps);
    require(hidden >= 1, "hidden %s must be at least 1", hidden);
    require(
        !vectors.isEmpty() || !statistics.isEmpty(),
        "vectors and statistics are both empty: the global view has nothing to see",
        "");
    require(conditionWidth >= 0, "condition-width %s must not be negative", conditionWidth);
    require(
        Double.isFinite(globalWeight) && globalWeight >= 0,
        "global-weight %s must be finite and not negative",
        globalWeight);
    require(
        Double.isFinite(localWeight) && localWeight > 0 == !maps.isEmpty() && localWeight >= 0,
        "local-weight %s must be positive with maps and 0 without",
        localWeight);
    require(scorePlaces >= 0, "score-places %s must not be negative", scorePlaces);
    require(keptPlaces >= 1, "kept-places %s must be at least 1", keptPlaces);
    require(
        pooling.topShare() == 1 || !maps.isEmpty(),
        "top-share %s must be 1 without maps",
        pooling.topShare());
    require(
        pooling.fusion() == Fusion.MEAN || maps.size() > 1,
        "fusion is gated, and there are %s maps to fuse: name two or more, or set it to mean",
        maps.size());
    require(
        !(sharedProjection && residual.map(ResidualConfig::seesPrior).orElse(false)),
        "shared-projection is true, but a head that sees the prior has one feature more of the whole image than of a place; set it or residual.sees-prior to false%s",
        "");
  }

  private static void require(boolean holds, String rule, Object value) {
    if (!holds) {
      throw new IllegalArgumentException(rule.formatted(value));
    }
  }

  /**
   * For the embedded EfficientNet-Lite0: pooled vector and statistics of both maps as the global
   * view, every place of both maps one by one, standardised; does not see the prompt.
   */
  public static DiscriminatorConfig lite0() {
    return new DiscriminatorConfig(
        256,
        List.of("pool"),
        List.of("low", "mid"),
        List.of("low", "mid"),
        false,
        Normalise.STANDARD,
        0,
        0.7,
        0.3,
        0,
        256,
        AugmentationConfig.NONE,
        PoolingConfig.PLAIN);
  }

  /** Returns all encoder outputs that are used. */
  public Set<String> outputs() {
    Set<String> outputs = new TreeSet<>(vectors);
    outputs.addAll(statistics);
    outputs.addAll(maps);
    return outputs;
  }

  /**
   * Fails if the encoder lacks an output.
   *
   * @param encoderVectors its outputs (n, C)
   * @param encoderMaps its outputs (n, C, h, w)
   */
  public void requireOutputs(List<String> encoderVectors, List<String> encoderMaps) {
    requireOutputs("vectors", vectors, encoderVectors);
    requireOutputs("statistics", statistics, encoderMaps);
    requireOutputs("maps", maps, encoderMaps);
  }

  /**
   * Fails unless all views have the same width, as a shared projection needs.
   *
   * @param channels C of each output of the encoder, by its name
   */
  public void requireOneWidth(Map<String, Integer> channels) {
    TreeSet<Integer> widths = new TreeSet<>();
    int whole = 0;
    for (String name : vectors) {
      whole += channels.get(name);
    }
    for (String name : statistics) {
      whole += 2 * channels.get(name);
    }
    widths.add(whole);
    maps.forEach(name -> widths.add(channels.get(name)));
    if (widths.size() > 1) {
      throw new IllegalArgumentException(
          "shared-projection is true, but what the head sees has widths %s: the whole image %d; set it to false, or choose vectors, statistics and maps of one width"
              .formatted(widths, whole));
    }
  }

  private static void requireOutputs(String key, List<String> wanted, List<String> there) {
    for (String output : wanted) {
      if (!there.contains(output)) {
        throw new IllegalArgumentException(
            "%s has \"%s\", which the encoder does not give; it gives %s"
                .formatted(key, output, there.isEmpty() ? "none" : String.join(", ", there)));
      }
    }
    if (Set.copyOf(wanted).size() < wanted.size()) {
      throw new IllegalArgumentException(
          "%s is %s, which has one twice".formatted(key, String.join(", ", wanted)));
    }
  }

  /** Whether the prior's score is one of the head's features. */
  boolean seesPrior() {
    return residual.map(ResidualConfig::seesPrior).orElse(false);
  }

  /** Returns the same settings with a head that sees prompt vectors of this width. */
  public DiscriminatorConfig withCondition(int width) {
    return new DiscriminatorConfig(
        hidden,
        vectors,
        statistics,
        maps,
        sharedProjection,
        normalise,
        width,
        globalWeight,
        localWeight,
        scorePlaces,
        keptPlaces,
        augmentation,
        pooling,
        residual,
        ensemble);
  }
}
