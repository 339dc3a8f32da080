package io.atelier.actors.config.reward;

import static io.atelier.actors.config.section.Rules.require;

import io.atelier.actors.config.section.Section;
import io.atelier.reward.adversarial.AdversarialReward;
import io.atelier.reward.artifact.ArtifactReward;
import io.atelier.reward.graph.Node;
import io.atelier.reward.graph.RewardGraph;
import io.atelier.reward.ocr.OcrReward;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The reward of images: a weighted sum, from which weight 0 leaves a part out, or a graph, whose
 * parts are those that it names.
 *
 * @param adversarial the parts that learn, also those that are left out; the first is called
 *     adversarial
 * @param jpeg weight of JPEG compressibility
 * @param ocr weight of legible text
 * @param frozen rewards on frozen CLIPs, also those that are left out
 * @param http rewards of servers, also those that are left out
 * @param plain rewards of which only the weight is configured, also those that are left out
 * @param features by which some of these compare images
 * @param judges rewards of judges, also those that are left out
 * @param plugins rewards of plug-ins, also those that are left out
 * @param artifact the reward for images without artifacts, also where it is left out
 * @param graph that replaces the sum of the parts' scores
 * @param supplied names of the rewards that a program supplies in place of these; empty for none
 */
public record RewardConfig(
    List<AdversarialConfig> adversarial,
    double jpeg,
    double ocr,
    List<FrozenReward> frozen,
    List<HttpRewardConfig> http,
    List<PlainReward> plain,
    FeaturesConfig features,
    List<JudgeConfig> judges,
    List<PluginRewardConfig> plugins,
    ArtifactConfig artifact,
    Optional<Node> graph,
    String supplied) {

  public RewardConfig {
    require(jpeg >= 0, "jpeg.weight is %s, must not be negative", jpeg);
    require(ocr >= 0, "ocr.weight is %s, must not be negative", ocr);
    adversarial = List.copyOf(adversarial);
    frozen = List.copyOf(frozen);
    http = List.copyOf(http);
    plain = List.copyOf(plain);
    judges = List.copyOf(judges);
    plugins = List.copyOf(plugins);
    require(
        graph.isPresent()
            || adversarial.stream().mapToDouble(AdversarialConfig::weight).sum()
                    + jpeg
                    + ocr
                    + frozen.stream().mapToDouble(FrozenReward::weight).sum()
                    + http.stream().mapToDouble(HttpRewardConfig::weight).sum()
                    + plain.stream().mapToDouble(PlainReward::weight).sum()
                    + judges.stream().mapToDouble(JudgeConfig::weight).sum()
                    + plugins.stream().mapToDouble(PluginRewardConfig::weight).sum()
                    + artifact.weight()
                > 0,
        "adversarial.weight and jpeg.weight are 0, as is every other weight; one must be positive");
    if (graph.isPresent()) {
      Set<String> names = new TreeSet<>(Set.of(JPEG, OcrReward.NAME, ArtifactReward.NAME));
      adversarial.forEach(part -> names.add(part.name()));
      frozen.forEach(part -> names.add(part.kind().key()));
      http.forEach(part -> names.add(part.name()));
      plain.forEach(part -> names.add(part.kind().key()));
      judges.forEach(part -> names.add(part.name()));
      plugins.forEach(part -> names.add(part.name()));
      RewardGraph made = RewardGraph.of(graph.get(), names);
      requireParts(made, adversarial, frozen);
      if (made.leaves().contains(ArtifactReward.NAME)) {
        artifact.missing().ifPresent(rule -> refuse(ArtifactConfig.SECTION, rule));
      }
    }
    requirePriors(adversarial, frozen, http, artifact);
  }

  private static void requirePriors(
      List<AdversarialConfig> adversarial,
      List<FrozenReward> frozen,
      List<HttpRewardConfig> http,
      ArtifactConfig artifact) {
    for (AdversarialConfig part : adversarial) {
      part.prior().ifPresent(prior -> requirePrior(part, prior, frozen, http, artifact));
    }
  }

  /** A prior is any reward that does not learn and scores every image. */
  private static void requirePrior(
      AdversarialConfig part,
      String prior,
      List<FrozenReward> frozen,
      List<HttpRewardConfig> http,
      ArtifactConfig artifact) {
    Set<String> priors =
        new TreeSet<>(Set.of(JPEG, PlainReward.Kind.SHARPNESS.key(), ArtifactReward.NAME));
    frozen.forEach(each -> priors.add(each.kind().key()));
    http.forEach(each -> priors.add(each.name()));
    String key = part.section().replaceFirst("^reward\\.", "") + ".residual.prior";
    require(
        priors.contains(prior),
        "%s is \"%s\", must be the name of a reward that does not learn and scores every image: %s",
        key,
        prior,
        String.join(", ", priors));
    Stream.concat(
            frozen.stream()
                .filter(each -> each.kind().key().equals(prior))
                .flatMap(each -> each.missing().stream()),
            prior.equals(ArtifactReward.NAME) ? artifact.missing().stream() : Stream.empty())
        .findFirst()
        .ifPresent(
            rule -> {
              throw new IllegalArgumentException(
                  "%s.%s, since %s names it".formatted(prior, rule, key));
            });
  }

  public static final String JPEG = "jpeg";

  /** Requires the files of parts that a graph names, whatever their weight; a URL is always set. */
  private static void requireParts(
      RewardGraph graph, List<AdversarialConfig> adversarial, List<FrozenReward> frozen) {
    Set<String> named = graph.leaves();
    for (AdversarialConfig part : adversarial) {
      if (named.contains(part.name())) {
        part.missing().ifPresent(rule -> refuse(part.section(), rule));
      }
    }
    for (FrozenReward part : frozen) {
      if (named.contains(part.kind().key())) {
        part.missing().ifPresent(rule -> refuse("reward." + part.kind().key(), rule));
      }
    }
  }

  private static void refuse(String section, String rule) {
    throw new IllegalArgumentException(
        "%s.%s, since reward.graph names it"
            .formatted(section.replaceFirst("^reward\\.", ""), rule));
  }

  /**
   * Whether a part is scored.
   *
   * @param name of the part
   * @param weight of the part in the sum
   */
  public boolean scores(String name, double weight) {
    return graph.map(root -> new RewardGraph(root).leaves().contains(name)).orElse(weight > 0);
  }

  /** Whether a critic that is scored starts from the reward of this name. */
  public boolean isPrior(String name) {
    return learned().stream().anyMatch(part -> part.prior().equals(Optional.of(name)));
  }

  /** Whether the reward for images without artifacts is asked: scored, or a prior. */
  public boolean asksArtifact() {
    return scores(ArtifactReward.NAME, artifact.weight()) || isPrior(ArtifactReward.NAME);
  }

  /** Returns the parts that learn and are scored. */
  public List<AdversarialConfig> learned() {
    return adversarial.stream().filter(part -> scores(part.name(), part.weight())).toList();
  }

  /** Whether JPEG compressibility is scored. */
  public boolean scoresJpeg() {
    return scores(JPEG, jpeg);
  }

  /** Whether legible text is scored. */
  public boolean scoresOcr() {
    return scores(OcrReward.NAME, ocr);
  }

  /** Whether a reward on a frozen CLIP is scored. */
  public boolean scores(FrozenReward part) {
    return scores(part.kind().key(), part.weight());
  }

  /** Returns the scored rewards of which only the weight is configured. */
  public List<PlainReward> scoredPlain() {
    return plain.stream().filter(part -> scores(part.kind().key(), part.weight())).toList();
  }

  /** Whether something looks at images through the encoder of {@link #features}. */
  public boolean readsFeatures() {
    return scoredPlain().stream().anyMatch(part -> part.kind().readsFeatures());
  }

  /**
   * Returns a part's weight in the sum of what is scored.
   *
   * @param weight as it is configured; a graph has its own
   */
  public double weight(double weight) {
    return graph.isPresent() ? 1 : weight;
  }

  /** Returns the rewards of servers that are scored. */
  public List<HttpRewardConfig> served() {
    return http.stream().filter(part -> scores(part.name(), part.weight())).toList();
  }

  /** Returns the rewards of servers that are asked: scored, or a prior. */
  public List<HttpRewardConfig> asked() {
    return http.stream()
        .filter(part -> scores(part.name(), part.weight()) || isPrior(part.name()))
        .toList();
  }

  /** Returns the rewards of judges that are scored. */
  public List<JudgeConfig> judged() {
    return judges.stream().filter(part -> scores(part.name(), part.weight())).toList();
  }

  /** Returns the rewards of plug-ins that are scored. */
  public List<PluginRewardConfig> plugged() {
    return plugins.stream().filter(part -> scores(part.name(), part.weight())).toList();
  }

  /**
   * @param critic the section that says how the first part learns
   */
  public static RewardConfig from(Section section, Section critic) {
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
    List<PlainReward> plain = PlainReward.all(section);
    FeaturesConfig features = FeaturesConfig.from(section.section("features"));
    Section asked = section.section("judge");
    List<JudgeConfig> judges =
        asked.names().stream().map(name -> JudgeConfig.from(name, asked.section(name))).toList();
    Section plugged = section.section("plugins");
    List<PluginRewardConfig> plugins =
        plugged.names().stream()
            .map(name -> PluginRewardConfig.from(name, plugged.section(name)))
            .toList();
    ArtifactConfig artifact = ArtifactConfig.from(section.section(ArtifactReward.NAME));
    Optional<Node> graph = GraphSection.read(section.raw("graph"));
    return section.build(
        () ->
            new RewardConfig(
                adversarial,
                section.section(JPEG).decimal("weight"),
                section.section(OcrReward.NAME).decimal("weight"),
                frozen,
                http,
                plain,
                features,
                judges,
                plugins,
                artifact,
                graph,
                section.text("supplied")));
  }
}
