package io.atelier.actors.config;

import static io.atelier.actors.config.Rules.require;

import io.atelier.reward.adversarial.AdversarialReward;
import io.atelier.reward.ocr.OcrReward;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What images are rewarded for: a weighted sum, of which weight 0 leaves a part out.
 *
 * @param adversarial the parts that learn, also those of weight 0; the first is called adversarial
 * @param jpeg weight of JPEG compressibility
 * @param ocr weight of text that can be read
 * @param frozen rewards on frozen CLIPs, also those of weight 0
 * @param supplied names of the rewards that a program brought along in place of these; empty for
 *     none
 */
public record RewardConfig(
    List<AdversarialConfig> adversarial,
    double jpeg,
    double ocr,
    List<FrozenReward> frozen,
    String supplied) {

  public RewardConfig {
    require(jpeg >= 0, "jpeg.weight is %s, must not be negative", jpeg);
    require(ocr >= 0, "ocr.weight is %s, must not be negative", ocr);
    adversarial = List.copyOf(adversarial);
    frozen = List.copyOf(frozen);
    require(
        adversarial.stream().mapToDouble(AdversarialConfig::weight).sum()
                + jpeg
                + ocr
                + frozen.stream().mapToDouble(FrozenReward::weight).sum()
            > 0,
        "adversarial.weight and jpeg.weight are 0, as is every other weight; one must be positive");
    Set<String> taken = new HashSet<>(Set.of(JPEG, OcrReward.NAME));
    frozen.forEach(part -> taken.add(part.kind().key()));
    for (AdversarialConfig part : adversarial) {
      require(
          taken.add(part.name()),
          "critics.%s has the name of another part of the reward; give it another",
          part.name());
    }
  }

  private static final String JPEG = "jpeg";

  /** The parts that learn and count. */
  public List<AdversarialConfig> learned() {
    return adversarial.stream().filter(part -> part.weight() > 0).toList();
  }

  /**
   * @param critic the section that says how the first part learns
   */
  static RewardConfig from(Section section, Section critic) {
    List<AdversarialConfig> adversarial = new ArrayList<>();
    adversarial.add(
        AdversarialConfig.from(
            AdversarialReward.NAME, section.section(AdversarialReward.NAME), critic));
    Section critics = section.section("critics");
    for (String name : critics.names()) {
      Section part = critics.section(name);
      adversarial.add(AdversarialConfig.from(name, part, part.section("critic")));
    }
    List<FrozenReward> frozen = FrozenReward.all(section);
    return section.build(
        () ->
            new RewardConfig(
                adversarial,
                section.section(JPEG).decimal("weight"),
                section.section(OcrReward.NAME).decimal("weight"),
                frozen,
                section.text("supplied")));
  }
}
