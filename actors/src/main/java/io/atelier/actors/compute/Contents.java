package io.atelier.actors.compute;

import io.atelier.actors.identity.Identity;
import io.atelier.models.assets.EmbeddedModel;
import io.atelier.models.files.FileHashes;
import io.atelier.models.lora.LoraException;
import io.atelier.models.lora.LoraFile;
import io.atelier.models.sd3.PipelineFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the places that a configuration names hold. What is embedded is part of the program. */
public final class Contents {

  /** Names of the parts of an identity. */
  public static final String MODEL = "model";

  public static final String PROMPTS = "prompts";
  public static final String REFERENCES = "references";

  /** The adapter that a run began with. */
  public static final String ADAPTER = "adapter";

  private Contents() {}

  /**
   * One part.
   *
   * @param part {@link #MODEL}, {@link #PROMPTS}, {@link #REFERENCES} or {@link #ADAPTER}
   * @param source as the configuration names it
   * @throws IOException if a file is missing or cannot be read; it names the file
   */
  public static Identity.Part of(String part, String source, FileHashes hashes) throws IOException {
    return switch (part) {
      case MODEL -> model(source, hashes);
      case PROMPTS ->
          source.equals(EmbeddedModel.EMOJI64) ? embedded(source) : file(Path.of(source), hashes);
      case REFERENCES ->
          Files.isDirectory(Path.of(source))
              ? images(Path.of(source), hashes)
              : Path.of(source).isAbsolute() ? gone(source) : embedded(source);
      case ADAPTER -> adapter(Path.of(source), hashes);
      default -> throw new IllegalArgumentException("there is no part " + part);
    };
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
