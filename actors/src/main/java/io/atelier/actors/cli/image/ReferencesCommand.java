package io.atelier.actors.cli.image;

import io.atelier.actors.api.assembly.Assembly;
import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.console.Outputs;
import io.atelier.actors.cli.option.DrawOptions;
import io.atelier.actors.cli.option.EngineOptions;
import io.atelier.actors.cli.option.LoadedModel;
import io.atelier.actors.cli.option.LoraOption;
import io.atelier.actors.cli.option.ModelOption;
import io.atelier.actors.cli.option.TrainedWeights;
import io.atelier.actors.compute.CaptionFile;
import io.atelier.actors.compute.Captions;
import io.atelier.actors.config.run.TooLong;
import io.atelier.actors.port.Clock;
import io.atelier.actors.run.picture.ReferenceFolder;
import io.atelier.actors.run.record.Terminal;
import io.atelier.models.cache.CacheFolder;
import io.atelier.models.files.FileHashes;
import io.atelier.models.files.Sha256;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.tensor.StorageType;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.sampler.ImageSampler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "references",
    description =
        "Draws reference images of prompts with any model, as data.references takes them: the images"
            + " of each prompt.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "DIR gets images/ and prompt2img.json, {\"prompt\": [\"images/00000_0.png\", ...], ...}.",
      "A second call with the same settings continues where the first one was stopped.",
      "",
      "Examples:",
      "  ./atelier references --model /models/sd35-large --prompts prompts.txt --out refs",
      "  ./atelier references --model /models/sd35-large --prompts prompts.txt --steps 40 \\",
      "      --guidance 4.5 --suffix \", Ultra HD, 4K, cinematic composition.\" --out refs",
      "  ./atelier references --lora runs/001 --prompts prompts.txt --out drawn",
      "  ./atelier train data.prompts=prompts.txt data.references=refs/prompt2img.json",
    })
public final class ReferencesCommand implements Callable<Integer> {

  /** Prompts that are encoded together, so that large text encoders load once for all of them. */
  private static final int ENCODED = 256;

  /** Prompts between two lines of progress, and between two writes of the set. */
  private static final int LINE_EVERY = 20;

  private static final int MOST_EACH = 1000;

  @Mixin private ModelOption model;

  @Mixin private LoraOption lora;

  @Option(
      names = "--prompts",
      required = true,
      paramLabel = "FILE",
      description = "Prompts as data.prompts takes them: a text file or JSON lines.")
  private Path prompts;

  @Option(
      names = "--per-prompt",
      paramLabel = "N",
      description = "Images of each prompt (default: ${DEFAULT-VALUE}).",
      defaultValue = "8")
  private int each;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder for the images and the set; empty, missing, or begun before.")
  private Path out;

  @Option(
      names = "--suffix",
      paramLabel = "S",
      description = "Appended to every prompt for drawing; the set has the prompt without it.",
      defaultValue = "")
  private String suffix;

  @Mixin private DrawOptions drawing;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description =
          "Images of a prompt that are drawn at once (default: all). Fewer take less memory and"
              + " give other images.")
  private Optional<Integer> batch;

  @Mixin private EngineOptions engine;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PipelineFolder folder = Assembly.model(model.name(), engine.types());
    Assembly.requireText(folder);
    List<String> texts;
    ImageSampler.Settings settings;
    try {
      texts = CaptionFile.read("--prompts", prompts).stream().map(Prompt::text).distinct().toList();
      settings = settings(folder);
      Captions.check(folder, numbered(texts), drawing.t5Length(), TooLong.TRUNCATE);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    Outputs.requireFolder(out);
    Optional<TrainedWeights> trained = lora.weights(model.name(), folder);
    Map<String, String> deciding = deciding(folder, trained, texts, settings);
    try (ReferenceFolder set = open(deciding)) {
      Terminal terminal = Terminal.standard(spec.commandLine().getOut());
      draw(set, trained, texts, settings, terminal);
      set.writeSet(texts, each);
      terminal.done();
      terminal.line(
          "done: %s, %d prompts with %d images each; train with data.references=%s"
              .formatted(set.set(), texts.size(), each, set.set()));
      return ExitCode.DONE;
    }
  }

  private ReferenceFolder open(Map<String, String> deciding) {
    try {
      return ReferenceFolder.open(out, deciding);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--out: " + e.getMessage(), e);
    }
  }

  /** Prompts with the suffix, as they are drawn. */
  private List<Prompt> numbered(List<String> texts) {
    List<Prompt> drawn = new ArrayList<>();
    texts.forEach(text -> drawn.add(new Prompt(drawn.size(), text + suffix)));
    return drawn;
  }

  private ImageSampler.Settings settings(PipelineFolder folder) {
    if (each < 1 || each > MOST_EACH) {
      throw new IllegalArgumentException(
          "--per-prompt %d must be 1 to %d".formatted(each, MOST_EACH));
    }
    int together = batch.orElse(each);
    if (together < 1 || together > each) {
      throw new IllegalArgumentException(
          "--batch %d must be 1 to %d, which is --per-prompt".formatted(together, each));
    }
    return drawing.settings(folder, together);
  }

  /** Returns everything that decides the images, under the names of the options. */
  private Map<String, String> deciding(
      PipelineFolder folder,
      Optional<TrainedWeights> trained,
      List<String> texts,
      ImageSampler.Settings settings) {
    Map<String, String> deciding = new LinkedHashMap<>();
    try {
      FileHashes hashes =
          FileHashes.cached(CacheFolder.get(), spec.commandLine().getErr()::println)
              .on(Stream::parallel);
      deciding.put("model", Sha256.of(hashes.of(folder.files())));
    } catch (IOException e) {
      throw new ParameterException(spec.commandLine(), "--model: " + e.getMessage(), e);
    }
    trained.ifPresent(
        weights -> {
          String shape = weights.part() instanceof AdapterConfig adapter ? adapter.toString() : "";
          deciding.put("lora", Sha256.of(shape + weights.values().contentHash()));
        });
    deciding.put("prompts", Sha256.of(String.join("\n", texts)));
    deciding.put("per-prompt", Integer.toString(each));
    deciding.put("suffix", suffix);
    deciding.put("seed", Long.toUnsignedString(drawing.seed()));
    deciding.put("steps", Integer.toString(settings.steps()));
    deciding.put("guidance", Double.toString(settings.guidance()));
    deciding.put("height", Integer.toString(settings.height()));
    deciding.put("width", Integer.toString(settings.width()));
    deciding.put("compute", folder.types().compute().toString());
    if (folder.types().network() != StorageType.STORED) { // older folders lack it
      deciding.put("storage", folder.types().network().toString());
    }
    deciding.put("batch", Integer.toString(settings.count()));
    deciding.put("t5-length", Integer.toString(drawing.t5Length()));
    return deciding;
  }

  private void draw(
      ReferenceFolder set,
      Optional<TrainedWeights> trained,
      List<String> texts,
      ImageSampler.Settings settings,
      Terminal terminal) {
    List<Integer> left = new ArrayList<>();
    for (int prompt = 0; prompt < texts.size(); prompt++) {
      if (!set.has(prompt, 0, each)) {
        left.add(prompt);
      }
    }
    int before = texts.size() - left.size();
    if (before > 0) {
      terminal.line("%d of %d prompts are drawn already".formatted(before, texts.size()));
    }
    if (left.isEmpty()) {
      return;
    }
    Clock clock = Clock.system();
    try (LoadedModel loaded = new LoadedModel(model.name(), trained, drawing.t5Length(), engine)) {
      long start = clock.nanos();
      for (int i = 0; i < left.size(); i++) {
        if (i % ENCODED == 0) {
          List<Integer> next = left.subList(i, Math.min(left.size(), i + ENCODED));
          loaded
              .model()
              .text()
              .prepare(
                  Stream.concat(Stream.of(""), next.stream().map(p -> texts.get(p) + suffix))
                      .toList());
        }
        terminal.progress(before + i, texts.size(), "prompts");
        draw(loaded.sampler(), set, left.get(i), texts.get(left.get(i)), settings);
        if ((i + 1) % LINE_EVERY == 0) {
          double seconds = (clock.nanos() - start) / 1e9 / (i + 1);
          terminal.line(
              String.format(
                  Locale.ROOT,
                  "%d of %d prompts  %.1f s each  %.1f h left",
                  before + i + 1,
                  texts.size(),
                  seconds,
                  seconds * (left.size() - i - 1) / 3600));
          set.writeSet(texts, each);
        }
      }
    }
  }

  /** Draws the images of a prompt that are missing. */
  private void draw(
      ImageSampler sampler,
      ReferenceFolder set,
      int prompt,
      String text,
      ImageSampler.Settings settings) {
    for (int from = 0; from < each; from += settings.count()) {
      int count = Math.min(settings.count(), each - from);
      if (!set.has(prompt, from, from + count)) {
        ImageSampler.Settings some =
            new ImageSampler.Settings(
                count, settings.height(), settings.width(), settings.steps(), settings.guidance());
        GroupId noise = new GroupId(prompt, from / settings.count());
        set.write(prompt, from, sampler.draw(drawing.noise(), noise, text + suffix, some).images());
      }
    }
  }
}
