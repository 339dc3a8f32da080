package io.atelier.actors.config.reward;

import static io.atelier.actors.config.section.Rules.require;

import com.typesafe.config.ConfigUtil;
import io.atelier.actors.config.section.ComputeSections;
import io.atelier.actors.config.section.EncoderChoice;
import io.atelier.actors.config.section.Section;
import io.atelier.models.encoder.Encoders;
import io.atelier.reward.adversarial.Aggregate;
import io.atelier.reward.adversarial.AugmentationConfig;
import io.atelier.reward.adversarial.CriticConfig;
import io.atelier.reward.adversarial.CriticLoss;
import io.atelier.reward.adversarial.DiscriminatorConfig;
import io.atelier.reward.adversarial.EnsembleConfig;
import io.atelier.reward.adversarial.Fusion;
import io.atelier.reward.adversarial.Normalise;
import io.atelier.reward.adversarial.PoolingConfig;
import io.atelier.reward.adversarial.ResidualConfig;
import java.util.List;
import java.util.Optional;

/**
 * A part of the reward that learns.
 *
 * @param name under which its scores are reported
 * @param section its path in the configuration
 * @param criticSection path of the section that says how it learns
 * @param weight in the reward; 0 leaves it out
 * @param kind of what learns
 * @param trainedLayers last layers of a CLIP that are trained, at least 1
 * @param encoder of the discriminator's inputs, or the CLIP that learns
 * @param seesPrompt whether the discriminator's head sees the caption's vector
 * @param discriminator structure and inputs of the head; its condition width is set when the
 *     captions' vectors are known
 * @param critic how it learns
 */
public record AdversarialConfig(
    String name,
    String section,
    String criticSection,
    double weight,
    AdversarialKind kind,
    int trainedLayers,
    EncoderChoice encoder,
    boolean seesPrompt,
    DiscriminatorConfig discriminator,
    CriticConfig critic) {

  public AdversarialConfig {
    require(weight >= 0, "weight is %s, must not be negative", weight);
    require(trainedLayers >= 1, "trained-layers is %d, must be at least 1", trainedLayers);
    Optional<String> missing = missing(kind, encoder);
    require(weight == 0 || missing.isEmpty(), "%s", missing.orElse(""));
    discriminator.residual().ifPresent(residual -> requireFits(residual, kind, critic));
  }

  private static void requireFits(
      ResidualConfig residual, AdversarialKind kind, CriticConfig critic) {
    require(
        kind == AdversarialKind.DISCRIMINATOR,
        "residual.prior is %s, must be empty where kind is %s: only a discriminator learns what a prior is wrong about",
        residual.prior(),
        kind.key());
    boolean pairs = critic.loss().equals(Optional.of(CriticLoss.LOGISTIC));
    require(
        pairs || residual.agree() == 0,
        "residual.agree is %s, must be 0 unless the critic's loss is logistic, which is of pairs",
        residual.agree());
    require(
        pairs || residual.disagree() == 0,
        "residual.disagree is %s, must be 0 unless the critic's loss is logistic, which is of pairs",
        residual.disagree());
  }

  /** Returns the name of the reward whose score the critic starts from; empty for none. */
  public Optional<String> prior() {
    return discriminator.residual().map(ResidualConfig::prior);
  }

  /** Returns what has to be set before it can score, beginning with the key. */
  Optional<String> missing() {
    return missing(kind, encoder);
  }

  private static Optional<String> missing(AdversarialKind kind, EncoderChoice encoder) {
    return kind == AdversarialKind.PICKSCORE && Encoders.isName(encoder.name())
        ? Optional.of(
            "encoder is %s, must name the folder of a CLIP where kind is pickscore"
                .formatted(encoder.name()))
        : Optional.empty();
  }

  /**
   * @param critic the section that says how it learns
   */
  static AdversarialConfig from(String name, Section section, Section critic) {
    EncoderChoice encoder = EncoderChoice.from(section);
    DiscriminatorConfig discriminator =
        section.build(() -> discriminator(section, ensemble(section, critic)));
    CriticConfig learning = ComputeSections.critic(critic);
    return section.build(
        () ->
            new AdversarialConfig(
                name,
                section.path(),
                critic.path(),
                section.decimal("weight"),
                section.choice("kind", AdversarialKind.class),
                section.integer("trained-layers"),
                encoder,
                section.flag("sees-prompt"),
                discriminator,
                learning));
  }

  /** Returns its keys that have no effect with its kind. */
  public List<String> unread() {
    return kind.unread().stream().map(this::key).toList();
  }

  /** Returns a key of {@code reward.adversarial} or {@code critic} as it is in its own sections. */
  public String key(String first) {
    return NamedSections.named(first, ConfigUtil.splitPath(section));
  }

  private static DiscriminatorConfig discriminator(Section section, EnsembleConfig ensemble) {
    return new DiscriminatorConfig(
        section.integer("hidden"),
        section.texts("vectors"),
        section.texts("statistics"),
        section.texts("maps"),
        section.flag("shared-projection"),
        section.choice("normalise", Normalise.class),
        0,
        section.decimal("global-weight"),
        section.decimal("local-weight"),
        section.integer("score-places"),
        section.integer("kept-places"),
        new AugmentationConfig(section.decimal("blur"), section.decimal("noise")),
        new PoolingConfig(
            section.decimal("top-share"),
            section.choice("fusion", Fusion.class),
            section.decimal("temperature")),
        residual(section.section("residual")),
        ensemble);
  }

  private static EnsembleConfig ensemble(Section section, Section critic) {
    Aggregate aggregate = section.choice("aggregate", Aggregate.class);
    return critic.build(
        () ->
            new EnsembleConfig(critic.integer("members"), critic.decimal("bootstrap"), aggregate));
  }

  private static Optional<ResidualConfig> residual(Section section) {
    return Optional.of(
            section.build(
                () ->
                    new ResidualConfig(
                        section.text("prior"),
                        section.decimal("scale"),
                        section.flag("sees-prior"),
                        section.decimal("agree"),
                        section.decimal("disagree"))))
        .filter(residual -> !residual.prior().isEmpty());
  }
}
