package io.atelier.actors.config;

import static io.atelier.actors.config.Rules.require;

import io.atelier.reward.adversarial.AdversarialReward;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What images are rewarded for: a weighted sum, of which weight 0 leaves a part out.
 *
 * @param adversarial the parts that learn, also those of weight 0; the first is called adversarial
 * @param jpeg weight of JPEG compressibility
 * @param frozen rewards on frozen CLIPs, also those of weight 0
 * @param http rewards of servers, also those of weight 0
 * @param supplied names of the rewards that a program brought along in place of these; empty for
 *     none
 */
public record RewardConfig(
    List<AdversarialConfig> adversarial,
    double jpeg,
    List<FrozenReward> frozen,
    List<HttpRewardConfig> http,
    String supplied) {

  public RewardConfig {
    require(jpeg >= 0, "jpeg.weight is %s, must not be negative", jpeg);
    adversarial = List.copyOf(adversarial);
    frozen = List.copyOf(frozen);
    http = List.copyOf(http);
    require(
        adversarial.stream().mapToDouble(AdversarialConfig::weight).sum()
                + jpeg
                + frozen.stream().mapToDouble(FrozenReward::weight).sum()
                + http.stream().mapToDouble(HttpRewardConfig::weight).sum()
            > 0,
        "adversarial.weight and jpeg.weight are 0, as is every other weight; one must be positive");
    Set<String> taken = new HashSet<>(FIGURES);
    taken.add(JPEG);
    frozen.forEach(part -> taken.add(part.kind().key()));
    for (AdversarialConfig part : adversarial) {
      require(
          taken.add(part.name()),
          "critics.%s has the name of another part or figure of the reward; give it another",
          part.name());
    }
    for (HttpRewardConfig part : http) {
      require(
          taken.add(part.name()),
          "http.%s has the name of another part or figure of the reward; give it another",
          part.name());
    }
  }

  private static final String JPEG = "jpeg";

  /** What is reported of the whole reward where its parts are. */
  private static final Set<String> FIGURES = Set.of("total", "zero-variance");

  /** The parts that learn and count. */
  public List<AdversarialConfig> learned() {
    return adversarial.stream().filter(part -> part.weight() > 0).toList();
  }

  /** Those of servers that count. */
  public List<HttpRewardConfig> served() {
    return http.stream().filter(part -> part.weight() > 0).toList();
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
    Section servers = section.section("http");
    List<HttpRewardConfig> http =
        servers.names().stream()
            .map(name -> HttpRewardConfig.from(name, servers.section(name)))
            .toList();
    return section.build(
        () ->
            new RewardConfig(
                adversarial,
                section.section(JPEG).decimal("weight"),
                frozen,
                http,
                section.text("supplied")));
  }
}
