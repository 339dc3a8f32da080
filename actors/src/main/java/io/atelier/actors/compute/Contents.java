package io.atelier.actors.compute;

import io.atelier.actors.config.run.HeldOutShare;
import io.atelier.actors.config.run.ReferencesKind;
import io.atelier.actors.identity.Identity;
import io.atelier.models.assets.EmbeddedModel;
import io.atelier.models.encoder.ClipFolder;
import io.atelier.models.encoder.Encoders;
import io.atelier.models.files.FileHashes;
import io.atelier.models.lora.LoraException;
import io.atelier.models.lora.LoraFile;
import io.atelier.models.ocr.TextReader;
import io.atelier.models.safetensors.SafetensorsException;
import io.atelier.models.sd3.PipelineFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What the places that a configuration names hold. What is embedded is part of the program; what
 * lies in a library is not.
 */
public final class Contents {

  /** Names of the parts of an identity. */
  public static final String MODEL = "model";

  public static final String PROMPTS = "prompts";
  public static final String REFERENCES = "references";
  public static final String HELD_OUT = "held-out";

  /** The encoder of the adversarial reward. */
  public static final String ENCODER = "encoder";

  /** The encoder of the evaluation. */
  public static final String EVALUATION_ENCODER = "evaluation-encoder";

  /** The encoder by which rewards compare images. */
  public static final String FEATURES_ENCODER = "features-encoder";

  /** The encoder through which an artifact head looks. */
  public static final String ARTIFACT_ENCODER = "artifact-encoder";

  /** The adapter that a run began with. */
  public static final String ADAPTER = "adapter";

  /** The values that are others from a step on. */
  public static final String AMENDMENTS = "amendments";

  /** The networks by which the OCR reward reads. */
  public static final String OCR = "ocr";

  /** How the names of parts begin that are the encoder of a further critic. */
  public static final String ENCODER_OF = "encoder-of-";

  /** How the names of parts begin that are a folder of a CLIP, and a file on it. */
  public static final String CLIP = "clip-of-";

  public static final String HEAD = "head-of-";

  private Contents() {}

  /**
   * One part.
   *
   * @param part {@link #MODEL}, {@link #PROMPTS}, {@link #HELD_OUT}, {@link #REFERENCES}, {@link
   *     #ENCODER}, {@link #EVALUATION_ENCODER}, {@link #FEATURES_ENCODER}, {@link
   *     #ARTIFACT_ENCODER}, {@link #OCR}, {@link #ADAPTER}, {@link #AMENDMENTS}, or one that begins
   *     with {@link #ENCODER_OF}, {@link #CLIP} or {@link #HEAD}
   * @param source as the configuration names it
   * @throws IOException if a file is missing or cannot be read; it names the file
   */
  public static Identity.Part of(String part, String source, FileHashes hashes) throws IOException {
    return switch (part) {
      case MODEL -> model(source, hashes);
      case PROMPTS ->
          source.equals(EmbeddedModel.EMOJI64) ? embedded(source) : file(Path.of(source), hashes);
      case HELD_OUT -> heldOut(new HeldOutShare(source), hashes);
      case REFERENCES -> references(Path.of(source), hashes);
      case ENCODER, EVALUATION_ENCODER, FEATURES_ENCODER, ARTIFACT_ENCODER ->
          encoder(source, hashes);
      case OCR -> Identity.Part.of(source, TextReader.hashes());
      case AMENDMENTS -> file(Path.of(source), hashes);
      case ADAPTER -> adapter(Path.of(source), hashes);
      default ->
          part.startsWith(ENCODER_OF)
              ? encoder(source, hashes)
              : network(part, Path.of(source), hashes);
    };
  }

  private static Identity.Part encoder(String source, FileHashes hashes) throws IOException {
    return Encoders.isEmbedded(source)
        ? embedded(source)
        : files(Path.of(source), Encoders::files, hashes);
  }

  private static Identity.Part network(String part, Path path, FileHashes hashes)
      throws IOException {
    if (part.startsWith(HEAD)) {
      return file(path, hashes);
    }
    if (!part.startsWith(CLIP)) {
      throw new IllegalArgumentException("there is no part " + part);
    }
    return files(path, folder -> ClipFolder.open(folder).files(), hashes);
  }

  private static Identity.Part model(String source, FileHashes hashes) throws IOException {
    Path folder = source.equals(EmbeddedModel.EMOJI64) ? EmbeddedModel.emoji64() : Path.of(source);
    if (!Files.isDirectory(folder)) {
      return gone(source);
    }
    try {
      return Identity.Part.of(source, hashes.of(new PipelineFolder(folder).files()));
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static Identity.Part files(
      Path path, Function<Path, SortedMap<String, Path>> finder, FileHashes hashes)
      throws IOException {
    if (Files.notExists(path)) {
      return gone(path.toString());
    }
    try {
      return Identity.Part.of(path.toString(), hashes.of(finder.apply(path)));
    } catch (IllegalArgumentException | SafetensorsException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static Identity.Part heldOut(HeldOutShare share, FileHashes hashes) throws IOException {
    return share.file().isPresent()
        ? file(share.file().get(), hashes)
        : Identity.Part.named(share.text(), "held out " + share.text());
  }

  private static Identity.Part references(Path source, FileHashes hashes) throws IOException {
    return switch (ReferencesKind.of(source.toString())) {
      case FOLDER -> images(source, hashes);
      case FILE -> listed(source, hashes);
      case STYLE -> source.isAbsolute() ? gone(source.toString()) : embedded(source.toString());
    };
  }

  /** A JSON file and all images that it names. */
  private static Identity.Part listed(Path file, FileHashes hashes) throws IOException {
    SortedMap<String, Path> files = new TreeMap<>();
    files.put("", file);
    try {
      Path folder = file.toAbsolutePath().getParent();
      for (Path image : ReferenceFile.read(file).files()) {
        files.put(folder.relativize(image.toAbsolutePath()).toString(), image);
      }
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
    return Identity.Part.of(file.toString(), hashes.of(files));
  }

  /** A single file: what it is called says nothing. */
  private static Identity.Part file(Path file, FileHashes hashes) throws IOException {
    SortedMap<String, Path> content = new TreeMap<>();
    content.put("", file);
    return new Identity.Part(file.toString(), hashes.of(content).get(""), new TreeMap<>());
  }

  /** An adapter is the same whatever its weights are called. */
  private static Identity.Part adapter(Path path, FileHashes hashes) throws IOException {
    if (Files.notExists(path)) {
      return gone(path.toString());
    }
    SortedMap<String, Path> content = new TreeMap<>();
    try {
      LoraFile.files(path).forEach(file -> content.put(content.isEmpty() ? "" : "config", file));
    } catch (LoraException e) {
      throw new IOException(e.getMessage(), e);
    }
    return Identity.Part.of(path.toString(), hashes.of(content));
  }

  private static Identity.Part images(Path folder, FileHashes hashes) throws IOException {
    SortedMap<String, Path> images = new TreeMap<>();
    try {
      ImageFolder.files(folder)
          .forEach(file -> images.put(folder.relativize(file).toString(), file));
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
    return Identity.Part.of(folder.toString(), hashes.of(images));
  }

  private static Identity.Part embedded(String name) {
    return Identity.Part.named(name, "embedded " + name);
  }

  private static Identity.Part gone(String source) throws IOException {
    throw new NoSuchFileException(source);
  }
}
