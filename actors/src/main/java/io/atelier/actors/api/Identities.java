package io.atelier.actors.api;

import io.atelier.actors.compute.Contents;
import io.atelier.actors.compute.TrainedOn;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.AdversarialConfig;
import io.atelier.actors.config.reward.AdversarialKind;
import io.atelier.actors.config.reward.ArtifactConfig;
import io.atelier.actors.config.reward.FrozenReward;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.identity.Identity;
import io.atelier.actors.identity.Version;
import io.atelier.actors.plugins.Plugins;
import io.atelier.actors.run.checkpoint.CheckpointStore;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.folder.RunIdentity;
import io.atelier.models.cache.CacheFolder;
import io.atelier.models.encoder.Encoders;
import io.atelier.models.files.FileHashes;
import io.atelier.models.ocr.TextReader;
import io.atelier.reward.adversarial.AdversarialReward;
import io.atelier.reward.artifact.ArtifactReward;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Computes what a configuration stands for, by content. */
public final class Identities {

  private static final String PROGRAM = "program";

  private Identities() {}

  /**
   * Computes the identity of a run of this configuration. Reads every file that the configuration
   * names, unless the user's cache has its hash.
   *
   * @param plugins creates the rewards that the configuration names
   * @param say receives a line if it takes long
   * @param begun identity of the run, if it has trained: the adapter that it began with is not read
   *     again
   */
  public static Identity of(
      TrainConfig config, Plugins plugins, Consumer<String> say, Optional<Identity> begun) {
    FileHashes hashes = FileHashes.cached(CacheFolder.get(), say).on(Stream::parallel);
    SortedMap<String, Identity.Part> parts = new TreeMap<>();
    Map<String, String> sources = new TreeMap<>();
    sources.put(Contents.MODEL, config.model().path());
    sources.put(Contents.PROMPTS, config.data().prompts());
    sources.put(Contents.HELD_OUT, config.data().heldOut().text());
    sources.put(Contents.REFERENCES, config.data().references());
    for (AdversarialConfig part : config.reward().learned()) {
      if (!Encoders.isOfModel(part.encoder().name())) {
        sources.put(encoder(part), part.encoder().name());
      }
    }
    if (config.evaluation().every() > 0) {
      sources.put(Contents.EVALUATION_ENCODER, config.evaluation().encoder().name());
    }
    for (FrozenReward frozen : config.reward().frozen()) {
      if (config.reward().scores(frozen) || config.reward().isPrior(frozen.kind().key())) {
        sources.put(Contents.CLIP + frozen.kind().key(), frozen.model());
        if (!frozen.head().isEmpty()) {
          sources.put(Contents.HEAD + frozen.kind().key(), frozen.head());
        }
      }
    }
    if (config.reward().readsFeatures()) {
      sources.put(Contents.FEATURES_ENCODER, config.reward().features().encoder().name());
    }
    ArtifactConfig artifact = config.reward().artifact();
    if (config.reward().asksArtifact()) {
      sources.put(Contents.ARTIFACT_ENCODER, artifact.encoder().name());
      sources.put(Contents.HEAD + ArtifactReward.NAME, artifact.head());
    }
    if (config.reward().scoresOcr()) {
      sources.put(Contents.OCR, TextReader.NAME);
    }
    sources.forEach((name, source) -> parts.put(name, part(name, source, hashes)));
    parts.putAll(plugins.parts(config.reward()));
    atFirst(Contents.ADAPTER, config.model().from(), begun, hashes)
        .ifPresent(adapter -> parts.put(Contents.ADAPTER, adapter));
    if (begun.isEmpty() && !config.model().from().isEmpty()) {
      TrainedOn.adapter(Path.of(config.model().from()))
          .flatMap(on -> TrainedOn.difference(on, parts.get(Contents.MODEL)))
          .ifPresent(
              difference ->
                  say.accept(
                      "warning: model.adapter.from %s was trained on another model. %s"
                          .formatted(config.model().from(), difference)));
    }
    atFirst(Contents.AMENDMENTS, config.run().amendments(), begun, hashes)
        .ifPresent(amendments -> parts.put(Contents.AMENDMENTS, amendments));
    parts.put(PROGRAM, program());
    return new Identity(config.deciding(), parts);
  }

  /**
   * The part for a file that is only read when a run begins.
   *
   * @param source path of the file; empty for none
   */
  private static Optional<Identity.Part> atFirst(
      String name, String source, Optional<Identity> begun, FileHashes hashes) {
    return begun.isPresent()
        ? Optional.ofNullable(begun.get().parts().get(name))
        : source.isEmpty() ? Optional.empty() : Optional.of(part(name, source, hashes));
  }

  /**
   * The identity of a run that has a checkpoint, and so holds its weights itself; empty otherwise.
   */
  public static Optional<Identity> begun(RunFiles files) {
    return new CheckpointStore(files.checkpoints(), 1).list().isEmpty()
        ? Optional.empty()
        : RunIdentity.read(files).map(RunIdentity::now);
  }

  private static String encoder(AdversarialConfig part) {
    if (part.kind() == AdversarialKind.PICKSCORE) {
      return Contents.CLIP + part.name();
    }
    return part.name().equals(AdversarialReward.NAME)
        ? Contents.ENCODER
        : Contents.ENCODER_OF + part.name();
  }

  private static Identity.Part part(String name, String source, FileHashes hashes) {
    try {
      return Contents.of(name, source, hashes);
    } catch (NoSuchFileException e) {
      throw new InvalidConfigException("%s: %s does not exist".formatted(name, e.getFile()), e);
    } catch (IOException e) {
      throw new InvalidConfigException("%s: %s".formatted(name, e.getMessage()), e);
    }
  }

  private static Identity.Part program() {
    String version = Version.of("atelier");
    return Version.build()
        .map(build -> new Identity.Part(version, build, new TreeMap<>()))
        .orElseGet(() -> Identity.Part.named(version + ", not built by Maven", ""));
  }

  /**
   * The result of comparing a run folder with the files that are now in the places of its data.
   *
   * @param differences what has changed
   * @param unknown what cannot be compared, and why
   * @param same names of the unchanged parts
   */
  public record Comparison(List<String> differences, List<String> unknown, List<String> same) {}

  /**
   * Compares a run with the current content of the files that it names, and with this program.
   * Reads all of them.
   */
  public static Comparison compare(RunFiles files, Consumer<String> say) {
    Comparison found = new Comparison(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    Optional<RunIdentity> written = RunIdentity.read(files);
    if (written.isEmpty()) {
      found.unknown.add(
          "model, prompts, references, program: the run has no identity.json, since an older"
              + " program began it");
      return found;
    }
    Identity then = written.get().now();
    FileHashes hashes = FileHashes.fresh(say).on(Stream::parallel);
    SortedMap<String, Identity.Part> parts = new TreeMap<>();
    then.parts()
        .forEach(
            (name, part) -> {
              try {
                parts.put(name, now(name, part.source(), hashes));
              } catch (NoSuchFileException e) {
                found.unknown.add("%s: %s is gone".formatted(name, e.getFile()));
                parts.put(name, part);
              } catch (IOException e) {
                found.unknown.add("%s: %s".formatted(name, e.getMessage()));
                parts.put(name, part);
              }
            });
    SortedMap<String, String> deciding = then.configuration();
    try {
      deciding = TrainConfig.read(files.config(), List.of()).deciding();
    } catch (InvalidConfigException e) {
      found.unknown.add(Identity.CONFIGURATION + ": " + e.getMessage());
    }
    for (Path checkpoint : new CheckpointStore(files.checkpoints(), 1).list()) {
      RunIdentity.stranger(files, checkpoint).ifPresent(found.differences::add);
    }
    found.differences.addAll(new Identity(deciding, parts).differences(then, "the run has"));
    for (String name : then.digests().keySet()) {
      if (names(found.differences, name) + names(found.unknown, name) == 0) {
        found.same.add(name);
      }
    }
    return found;
  }

  private static Identity.Part now(String name, String source, FileHashes hashes)
      throws IOException {
    if (name.equals(PROGRAM)) {
      return program();
    }
    if (name.startsWith(Plugins.PART)) {
      return Plugins.found()
          .part(name)
          .orElseThrow(() -> new IOException("no such plug-in is here; see ATELIER_CLASSPATH"));
    }
    return Contents.of(name, source, hashes);
  }

  private static long names(List<String> texts, String part) {
    return texts.stream().filter(text -> text.startsWith(part + ":")).count();
  }
}
