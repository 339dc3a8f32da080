package io.atelier.actors.plugins;

import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.identity.Identity;
import io.atelier.models.files.FileHashes;
import io.atelier.models.files.Sha256;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The jar or folder that a plug-in comes in. */
final class PluginFiles {

  /** Stands for the version among the files; no file is called so. */
  private static final String VERSION = "/version";

  private PluginFiles() {}

  /**
   * What a plug-in is, by content. A jar that is packed anew from the same files is the same.
   *
   * @throws InvalidConfigException if its files cannot be found or read
   */
  static Identity.Part part(AtelierPlugin plugin) {
    Path place = place(plugin);
    try {
      SortedMap<String, String> hashes = hashes(place);
      hashes.put(VERSION, Sha256.of(plugin.version()));
      return Identity.Part.of("%s in %s".formatted(plugin.version(), place), hashes);
    } catch (IOException e) {
      throw new InvalidConfigException(
          "plug-in %s: %s cannot be read: %s".formatted(plugin.name(), place, e.getMessage()), e);
    }
  }

  /** Where the class of a plug-in was loaded from. */
  static Path place(AtelierPlugin plugin) {
    CodeSource source = plugin.getClass().getProtectionDomain().getCodeSource();
    URL url = source == null ? null : source.getLocation();
    try {
      if (url != null) {
        return Path.of(url.toURI());
      }
    } catch (URISyntaxException | IllegalArgumentException | FileSystemNotFoundException e) {
      throw nowhere(plugin, url.toString(), e);
    }
    throw nowhere(plugin, "nowhere", null);
  }

  private static InvalidConfigException nowhere(
      AtelierPlugin plugin, String place, Exception cause) {
    return new InvalidConfigException(
        ("plug-in %s: its class %s comes from %s, which is neither a jar nor a folder, so that other"
                + " processes cannot tell whether they have the same; put it into one")
            .formatted(plugin.name(), plugin.getClass().getName(), place),
        cause);
  }

  private static SortedMap<String, String> hashes(Path place) throws IOException {
    if (Files.isDirectory(place)) {
      return hashesBelow(place);
    }
    try (FileSystem jar = FileSystems.newFileSystem(place, (ClassLoader) null)) {
      return hashesBelow(jar.getPath("/"));
    }
  }

  private static SortedMap<String, String> hashesBelow(Path root) throws IOException {
    SortedMap<String, Path> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      all.filter(Files::isRegularFile)
          .forEach(file -> files.put(root.relativize(file).toString(), file));
    }
    return FileHashes.fresh(line -> {}).of(files);
  }
}
