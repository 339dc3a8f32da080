package io.atelier.actors.config;

import static io.atelier.actors.config.Rules.require;

import io.atelier.models.encoder.Encoders;
import io.atelier.reward.adversarial.AugmentationConfig;
import io.atelier.reward.adversarial.DiscriminatorConfig;
import io.atelier.reward.adversarial.Fusion;
import io.atelier.reward.adversarial.Normalise;
import io.atelier.reward.adversarial.PoolingConfig;
import java.util.List;

/**
 * What images are rewarded for: a weighted sum, of which weight 0 leaves a part out.
 *
 * @param adversarial weight of the part that learns
 * @param kind what learns
 * @param trainedLayers of a CLIP that learns the last layers that do, at least 1
 * @param jpeg weight of JPEG compressibility
 * @param frozen rewards on frozen CLIPs, also those of weight 0
 * @param encoder what the discriminator sees images by, or the CLIP that learns
 * @param seesPrompt whether the discriminator's head sees the caption's vector
 * @param supplied names of the rewards that a program brought along in place of these; empty for
 *     none
 * @param discriminator what the head is and sees; its condition width is set when the captions'
 *     vectors are known
 */
public record RewardConfig(
    double adversarial,
    AdversarialKind kind,
    int trainedLayers,
    double jpeg,
    List<FrozenReward> frozen,
    EncoderChoice encoder,
    boolean seesPrompt,
    String supplied,
    DiscriminatorConfig discriminator) {

  public RewardConfig {
    require(adversarial >= 0, "adversarial.weight is %s, must not be negative", adversarial);
    require(
        trainedLayers >= 1, "adversarial.trained-layers is %d, must be at least 1", trainedLayers);
    require(
        adversarial == 0 || kind != AdversarialKind.PICKSCORE || !isEmbedded(encoder),
        "adversarial.encoder is %s, must name the folder of a CLIP where kind is pickscore",
        encoder.name());
    require(jpeg >= 0, "jpeg.weight is %s, must not be negative", jpeg);
    frozen = List.copyOf(frozen);
    require(
        adversarial + jpeg + frozen.stream().mapToDouble(FrozenReward::weight).sum() > 0,
        "adversarial.weight and jpeg.weight are 0, as is every other weight; one must be positive");
  }

  private static boolean isEmbedded(EncoderChoice encoder) {
    return Encoders.isEmbedded(encoder.name());
  }

  static RewardConfig from(Section section) {
    Section adversarial = section.section("adversarial");
    EncoderChoice encoder = EncoderChoice.from(adversarial);
    DiscriminatorConfig discriminator =
        adversarial.build(
            () ->
                new DiscriminatorConfig(
                    adversarial.integer("hidden"),
                    adversarial.texts("vectors"),
                    adversarial.texts("statistics"),
                    adversarial.texts("maps"),
                    adversarial.flag("shared-projection"),
                    adversarial.choice("normalise", Normalise.class),
                    0,
                    adversarial.decimal("global-weight"),
                    adversarial.decimal("local-weight"),
                    adversarial.integer("score-places"),
                    adversarial.integer("kept-places"),
                    new AugmentationConfig(
                        adversarial.decimal("blur"), adversarial.decimal("noise")),
                    new PoolingConfig(
                        adversarial.decimal("top-share"),
                        adversarial.choice("fusion", Fusion.class),
                        adversarial.decimal("temperature"))));
    List<FrozenReward> frozen = FrozenReward.all(section);
    return section.build(
        () ->
            new RewardConfig(
                adversarial.decimal("weight"),
                adversarial.choice("kind", AdversarialKind.class),
                adversarial.integer("trained-layers"),
                section.section("jpeg").decimal("weight"),
                frozen,
                encoder,
                adversarial.flag("sees-prompt"),
                section.text("supplied"),
                discriminator));
  }
}
