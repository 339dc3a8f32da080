package io.atelier.actors.run.picture;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.Fence;
import io.atelier.actors.run.file.Json;
import io.atelier.actors.run.file.Storage;
import io.atelier.actors.run.file.WriteFailedException;
import io.atelier.actors.run.folder.FolderLock;
import io.atelier.models.vision.ImageCodecs;
import io.atelier.models.vision.Images;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A folder of reference images that are sampled one after the other: {@code settings.json} with the
 * settings that determine them, {@code images/} and at the end {@code prompt2img.json}, the images
 * of each prompt by names relative to the folder. Files are complete or absent, so an interrupted
 * process resumes with the first missing one. One process at a time may use it.
 */
public final class ReferenceFolder implements AutoCloseable {

  private static final String SET = "prompt2img.json";
  private static final String SETTINGS = "settings.json";
  private static final String IMAGES = "images";

  private static final String LOCK = ".lock";

  private final Path root;
  private final FolderLock lock;

  private ReferenceFolder(Path root) {
    this.root = root;
    this.lock =
        FolderLock.take(
            root.resolve(LOCK),
            holder ->
                new IllegalArgumentException(
                    "%s is in use by %s; wait for it, or name another folder"
                        .formatted(root, holder)));
  }

  /**
   * Starts a folder, or resumes one with the same settings.
   *
   * @param settings everything that determines the images, by name
   * @throws IllegalArgumentException if the folder has other settings, or files but no settings, or
   *     is in use by another process
   */
  public static ReferenceFolder open(Path root, Map<String, String> settings) {
    requireOurs(root);
    try {
      Files.createDirectories(root);
    } catch (IOException e) {
      throw new WriteFailedException(root, e);
    }
    ReferenceFolder folder = new ReferenceFolder(root);
    try {
      requireOurs(root); // another process may have been faster
      folder.begin(settings);
      return folder;
    } catch (RuntimeException e) {
      folder.close();
      throw e;
    }
  }

  /** Fails unless the folder has settings, or nothing but leftovers of a failed start. */
  private static void requireOurs(Path root) {
    Path settings = root.resolve(SETTINGS);
    Set<Path> left = Set.of(root.resolve(LOCK), Fence.NONE.aside(settings));
    if (!Files.exists(settings) && !left.containsAll(Storage.list(root))) {
      throw new IllegalArgumentException(
          "%s is not empty, and has no %s of a set that was begun; name another folder"
              .formatted(root, SETTINGS));
    }
  }

  private void begin(Map<String, String> settings) {
    Path file = root.resolve(SETTINGS);
    if (Files.exists(file)) {
      requireSame(file, settings);
    } else {
      Durable.replace(file, Json.pretty(settings), Fence.NONE);
    }
    try {
      Files.createDirectories(root.resolve(IMAGES));
    } catch (IOException e) {
      throw new WriteFailedException(root, e);
    }
  }

  @Override
  public void close() {
    lock.close();
  }

  private void requireSame(Path file, Map<String, String> settings) {
    Map<String, String> begun;
    try {
      String text = new String(Storage.bytes(file), StandardCharsets.UTF_8);
      begun = Json.MAPPER.readValue(text, new TypeReference<LinkedHashMap<String, String>>() {});
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("%s is damaged; name another folder".formatted(file), e);
    }
    if (begun == null) { // the JSON text null
      throw new IllegalArgumentException("%s is damaged; name another folder".formatted(file));
    }
    List<String> differences = new ArrayList<>();
    settings.forEach(
        (name, value) -> {
          String other = begun.get(name);
          if (!value.equals(other)) {
            differences.add("%s %s, not %s".formatted(name, other, value));
          }
        });
    begun.forEach(
        (name, value) -> {
          if (!settings.containsKey(name)) { // a setting that is left out has its default
            differences.add("%s %s, not the default".formatted(name, value));
          }
        });
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          "%s was begun with %s; give the same to go on, or name another folder"
              .formatted(root, String.join(", ", differences)));
    }
  }

  /** Path of the finished set. */
  public Path set() {
    return root.resolve(SET);
  }

  /** Whether images {@code from} (inclusive) to {@code to} (exclusive) of a prompt exist. */
  public boolean has(int prompt, int from, int to) {
    for (int image = from; image < to; image++) {
      if (!Files.exists(root.resolve(name(prompt, image)))) {
        return false;
      }
    }
    return true;
  }

  /** Writes all of {@code drawn} as images of a prompt, from number {@code from} on. */
  public void write(int prompt, int from, Images drawn) {
    for (int i = 0; i < drawn.count(); i++) {
      Path file = root.resolve(name(prompt, from + i));
      Durable.replace(file, ImageCodecs.png(ImageCodecs.picture(drawn, i)), Fence.NONE);
    }
  }

  /**
   * Writes the set: all prompts whose images are complete.
   *
   * @param each images per prompt
   * @return number of prompts in it; if there are none, nothing is written
   */
  public int writeSet(List<String> prompts, int each) {
    Map<String, List<String>> set = new LinkedHashMap<>();
    for (int prompt = 0; prompt < prompts.size(); prompt++) {
      if (has(prompt, 0, each)) {
        List<String> names = new ArrayList<>();
        for (int image = 0; image < each; image++) {
          names.add(name(prompt, image));
        }
        set.put(prompts.get(prompt), names);
      }
    }
    if (!set.isEmpty()) {
      Durable.replace(set(), Json.pretty(set), Fence.NONE);
    }
    return set.size();
  }

  private static String name(int prompt, int image) {
    return "%s/%05d_%d.png".formatted(IMAGES, prompt, image);
  }
}
