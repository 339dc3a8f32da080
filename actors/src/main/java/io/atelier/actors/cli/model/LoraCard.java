package io.atelier.actors.cli.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atelier.actors.api.assembly.Assembly;
import io.atelier.actors.compute.Contents;
import io.atelier.actors.compute.TrainedOn;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.AdversarialConfig;
import io.atelier.actors.config.reward.AdversarialKind;
import io.atelier.actors.config.reward.JudgeConfig;
import io.atelier.actors.config.reward.RewardConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.identity.Identity;
import io.atelier.actors.identity.Version;
import io.atelier.actors.run.picture.Pictures;
import io.atelier.actors.run.record.RunFacts;
import io.atelier.models.lora.LoraLayout;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.ModelTypes;
import io.atelier.reward.adversarial.AdversarialReward;
import io.atelier.reward.artifact.ArtifactReward;
import io.atelier.reward.graph.RewardGraph;
import io.atelier.reward.ocr.OcrReward;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Metadata of an exported adapter: the header of its file, and a model card beside it. Neither
 * contains paths of this machine, only the names at their ends.
 *
 * @param config of the run
 * @param facts read from the run folder
 * @param average whether the weights are the moving average
 * @param layout of the adapter in its folder
 * @param words given by the person who exports
 * @param millis now, in milliseconds since the Unix epoch
 */
record LoraCard(
    TrainConfig config,
    RunFacts facts,
    boolean average,
    LoraLayout layout,
    Words words,
    long millis) {

  /**
   * Texts that no run has.
   *
   * @param title of the adapter
   * @param trigger words that a prompt should have
   * @param license of the adapter
   */
  record Words(Optional<String> title, Optional<String> trigger, Optional<String> license) {}

  /** A snapshot folder of the Hugging Face cache, whose path has the repository's name. */
  private static final Pattern SNAPSHOT = Pattern.compile(".*models--(.+?)--(.+?)/snapshots/.*");

  /** Side of the thumbnail in pixels, as the specification recommends. */
  private static final int THUMBNAIL = 256;

  private Optional<Identity.Part> model() {
    return facts.identity().map(identity -> identity.parts().get(Contents.MODEL));
  }

  /** The adapter that the run began with. */
  private Optional<Identity.Part> start() {
    return facts.identity().map(identity -> identity.parts().get(Contents.ADAPTER));
  }

  private String base() {
    return name(config.model().path());
  }

  private static String name(String place) {
    Matcher snapshot = SNAPSHOT.matcher(place);
    return snapshot.matches()
        ? snapshot.group(1) + "/" + snapshot.group(2)
        : Path.of(place).getFileName().toString();
  }

  private String title() {
    return words
        .title()
        .orElseGet(() -> "%s, step %d".formatted(facts.run().orElse("adapter"), facts.step()));
  }

  private String description() {
    return "LoRA of %s, post-trained by reinforcement learning (%s). Steps: %d. Reward: %s."
        .formatted(base(), config.objective().title(), facts.step(), reward());
  }

  private String reward() {
    RewardConfig reward = config.reward();
    if (!reward.supplied().isEmpty()) {
      return reward.supplied();
    }
    if (reward.graph().isPresent()) {
      return "a graph of " + String.join(", ", new RewardGraph(reward.graph().get()).leaves());
    }
    return Stream.of(
            reward.adversarial().stream().map(part -> Map.entry(learned(part), part.weight())),
            Stream.of(Map.entry("jpeg", reward.jpeg()), Map.entry(OcrReward.NAME, reward.ocr())),
            reward.frozen().stream().map(part -> Map.entry(part.kind().key(), part.weight())),
            reward.http().stream().map(part -> Map.entry(part.name() + " by HTTP", part.weight())),
            reward.plain().stream().map(part -> Map.entry(part.kind().key(), part.weight())),
            reward.judges().stream().map(part -> Map.entry(judged(part), part.weight())),
            reward.plugins().stream()
                .map(part -> Map.entry(part.name() + " of a plug-in", part.weight())),
            Stream.of(Map.entry(ArtifactReward.NAME, reward.artifact().weight())))
        .flatMap(parts -> parts)
        .filter(part -> part.getValue() > 0)
        .map(part -> "%s x %s".formatted(part.getKey(), part.getValue()))
        .collect(Collectors.joining(" + "));
  }

  /** Adds the kind to the name, which means nothing to others if the run's user chose it. */
  private static String learned(AdversarialConfig part) {
    String kind = part.kind() == AdversarialKind.DISCRIMINATOR ? "" : " " + part.kind().key();
    String name = part.name().equals(AdversarialReward.NAME) ? "" : " (%s)".formatted(part.name());
    String prior = part.prior().map(" with the prior %s"::formatted).orElse("");
    int members =
        part.kind() == AdversarialKind.PICKSCORE ? 1 : part.discriminator().ensemble().members();
    String heads = members == 1 ? "" : " of %d heads".formatted(members);
    return AdversarialReward.NAME + kind + name + heads + prior;
  }

  private static String judged(JudgeConfig part) {
    return "%s by the judge %s".formatted(part.name(), name(part.question().model()));
  }

  /** Returns the entries of the file's header; {@code modelspec} keys are of version 1.0.0. */
  Map<String, String> metadata() {
    Map<String, String> entries = new LinkedHashMap<>();
    entries.put("modelspec.sai_model_spec", "1.0.0");
    entries.put("modelspec.architecture", architecture());
    entries.put("modelspec.implementation", "diffusers");
    entries.put("modelspec.title", title());
    entries.put("modelspec.description", description());
    entries.put("modelspec.date", date());
    entries.put(
        "modelspec.resolution",
        "%dx%d".formatted(config.rollout().width(), config.rollout().height()));
    words.trigger().ifPresent(text -> entries.put("modelspec.trigger_phrase", text));
    words.trigger().ifPresent(text -> entries.put("modelspec.usage_hint", "Trigger: " + text));
    words.license().ifPresent(text -> entries.put("modelspec.license", text));
    facts
        .grid()
        .map(file -> Pictures.dataUri(file, THUMBNAIL))
        .ifPresent(uri -> entries.put("modelspec.thumbnail", uri));
    entries.put("atelier.version", Version.of("atelier"));
    entries.put(TrainedOn.BASE, base());
    model().ifPresent(part -> entries.put(TrainedOn.BASE_SHA256, part.digest()));
    start().ifPresent(part -> entries.put("atelier.start-sha256", part.digest()));
    facts.run().ifPresent(run -> entries.put("atelier.run", run));
    facts.identity().ifPresent(i -> entries.put("atelier.fingerprint", i.fingerprint()));
    entries.put("atelier.step", Integer.toString(facts.step()));
    entries.put("atelier.weights", weights());
    entries.put("atelier.settings", settings());
    return entries;
  }

  private String weights() {
    return average ? "average" : "last";
  }

  private String settings() {
    AdapterConfig adapter = config.model().adapter();
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("rank", adapter.rank());
    settings.put("alpha", adapter.alpha());
    settings.put("targets", adapter.targets());
    settings.put("reward", reward());
    settings.put("learning-rate", config.learner().optimizer().learningRate());
    settings.put("guidance", config.rollout().guidance());
    settings.put("seed", Long.toUnsignedString(config.run().seed()));
    return json(settings);
  }

  private String date() {
    return Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC).toLocalDate().toString();
  }

  /**
   * Returns the name that user interfaces know; the family's if the base is gone or of another
   * size.
   */
  private String architecture() {
    MmditConfig network;
    try {
      network = Assembly.model(config.model().path(), ModelTypes.DEFAULT).transformerConfig();
    } catch (InvalidConfigException e) {
      return "stable-diffusion-v3/lora";
    }
    boolean medium = network.layers() == 24 && network.width() == 1536;
    boolean large = network.layers() == 38 && network.width() == 2432;
    if (medium && !network.qkNorm()) {
      return "stable-diffusion-v3-medium/lora";
    }
    return medium
        ? "stable-diffusion-v3.5-medium/lora"
        : large ? "stable-diffusion-v3.5-large/lora" : "stable-diffusion-v3/lora";
  }

  /**
   * Returns the text of the card.
   *
   * @param prompts the first ones of the file, some of which may be held out; may be empty
   */
  String text(List<String> prompts) {
    StringBuilder card = new StringBuilder("---\n");
    words.license().ifPresent(text -> line(card, "license: %s", yaml(text)));
    line(card, "base_model: %s", yaml(base()));
    words.trigger().ifPresent(text -> line(card, "instance_prompt: %s", yaml(text)));
    line(card, "tags:\n- text-to-image\n- diffusers\n- lora\n---\n");
    line(card, "# %s\n", title());
    line(card, "%s\n", description());
    line(card, "## Use\n\n```python");
    card.append(layout == LoraLayout.PEFT ? PEFT : DIFFUSERS);
    line(card, "```\n");
    line(card, "Trained at %s, guidance %s.", size(), config.rollout().guidance());
    words.trigger().ifPresent(text -> line(card, "\nTrigger words: %s", text));
    line(
        card,
        "\n## Prompts\n\nTrained on captions of %s%s",
        name(config.data().prompts()),
        prompts.isEmpty() ? "." : ", which begins with\n");
    prompts.forEach(prompt -> line(card, "- %s", prompt));
    figures(card);
    settings(card);
    line(card, "\n## License\n");
    line(
        card,
        "%s",
        words
            .license()
            .orElse(
                "None was named. The license of %s may bind what is made from it."
                    .formatted(base())));
    return card.toString();
  }

  private static final String DIFFUSERS =
      """
      from diffusers import StableDiffusion3Pipeline

      pipe = StableDiffusion3Pipeline.from_pretrained("BASE MODEL")
      pipe.load_lora_weights("THIS FOLDER")
      """;

  private static final String PEFT =
      """
      from diffusers import StableDiffusion3Pipeline
      from peft import PeftModel

      pipe = StableDiffusion3Pipeline.from_pretrained("BASE MODEL")
      pipe.transformer = PeftModel.from_pretrained(pipe.transformer, "THIS FOLDER")
      """;

  private String size() {
    return "%d x %d pixels".formatted(config.rollout().width(), config.rollout().height());
  }

  private void figures(StringBuilder card) {
    line(card, "\n## Figures\n");
    List<RunFacts.Measurement> measured = facts.measurements();
    if (measured.size() < 2) {
      line(card, "The run did not measure both the base and the policy.");
      return;
    }
    RunFacts.Measurement before = measured.get(0);
    RunFacts.Measurement after = measured.get(measured.size() - 1);
    line(card, "%s.\n", after.heading());
    line(card, "| | step %d | step %d |\n|---|---|---|", before.step(), after.step());
    before
        .metrics()
        .forEach(
            (name, value) -> {
              if (after.metrics().containsKey(name)) {
                line(card, "| %s | %.4g | %.4g |", name, value, after.metrics().get(name));
              }
            });
    if (average) {
      line(card, "\nThe last weights were measured; this file holds their moving average.");
    }
  }

  private void settings(StringBuilder card) {
    AdapterConfig adapter = config.model().adapter();
    line(card, "\n## Settings\n");
    line(
        card,
        "- rank %d, alpha %s, targets %s",
        adapter.rank(),
        adapter.alpha(),
        String.join(", ", adapter.targets()));
    line(card, "- learning rate %s", config.learner().optimizer().learningRate());
    line(card, "- weights: %s, after step %d", weights(), facts.step());
    model().ifPresent(part -> line(card, "- base: %s, SHA-256 %s", base(), part.digest()));
    start()
        .ifPresent(
            part -> line(card, "- began with %s, SHA-256 %s", name(part.source()), part.digest()));
    facts.identity().ifPresent(i -> line(card, "- fingerprint of the run: %s", i.fingerprint()));
    line(card, "- made by Atelier %s on %s", Version.of("atelier"), date());
  }

  private static void line(StringBuilder card, String format, Object... values) {
    card.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  /** A JSON string is also a YAML string. */
  private static String yaml(String text) {
    return json(text);
  }

  private static String json(Object value) {
    try {
      return JsonMapper.builder().build().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
