package io.atelier.actors.compute;

import io.atelier.actors.identity.Identity;
import io.atelier.actors.run.folder.RunIdentity;
import io.atelier.models.cache.CacheFolder;
import io.atelier.models.files.FileHashes;
import io.atelier.models.lora.LoraFile;
import io.atelier.models.safetensors.SafetensorsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Which model trained weights were trained on, by content: shapes do not tell one of a family from
 * another.
 */
public final class TrainedOn {

  /** Entries in the header of an adapter that Atelier exported: name and hash of its model. */
  public static final String BASE = "atelier.base";

  public static final String BASE_SHA256 = "atelier.base-sha256";

  private TrainedOn() {}

  /** The model of a checkpoint's run; empty if an older program wrote it. */
  public static Optional<Identity.Part> checkpoint(Path checkpoint) {
    return RunIdentity.ofCheckpoint(checkpoint)
        .map(identity -> identity.now().parts().get(Contents.MODEL));
  }

  /** The model of an adapter in a file or folder; empty if its trainer wrote none down. */
  public static Optional<Identity.Part> adapter(Path path) {
    Map<String, String> header = SafetensorsFile.open(LoraFile.files(path).get(0)).metadata();
    return Optional.ofNullable(header.get(BASE_SHA256))
        .map(hash -> new Identity.Part(header.getOrDefault(BASE, "?"), hash, new TreeMap<>()));
  }

  /**
   * How {@code model} is another than weights were trained on, in words; empty if it is the same.
   * Reads its files, unless the user's cache has their hashes.
   *
   * @param model as the configuration names it
   * @param say told when it takes long
   */
  public static Optional<String> difference(
      Identity.Part trained, String model, Consumer<String> say) {
    FileHashes hashes = FileHashes.cached(CacheFolder.get(), say).on(Stream::parallel);
    try {
      return difference(trained, Contents.of(Contents.MODEL, model, hashes));
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /** The same for a model whose content is known. */
  public static Optional<String> difference(Identity.Part trained, Identity.Part model) {
    return part(model).differences(part(trained), "trained on").stream().findFirst();
  }

  private static Identity part(Identity.Part model) {
    return new Identity(new TreeMap<>(), new TreeMap<>(Map.of(Contents.MODEL, model)));
  }
}
