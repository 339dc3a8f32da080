package io.atelier.actors.transport.wire;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** How the folder of a data plane is named, which processes of one host tell each other. */
public final class FolderName {
  public static final Path MEMORY = Path.of("/dev/shm");
  public static final String PREFIX = "atelier-plane-";

  private static final Pattern NAME = Pattern.compile("(/[0-9A-Za-z_-]+)+");

  private FolderName() {}

  /** A folder within one of another data plane of this host, if {@code name} can be one. */
  static Optional<Path> find(String name) {
    if (!name.startsWith(MEMORY + "/" + PREFIX) || !NAME.matcher(name).matches()) {
      return Optional.empty();
    }
    return Optional.of(Path.of(name));
  }
}
