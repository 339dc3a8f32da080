package io.atelier.actors.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How file systems are mounted, on Linux. */
final class Mounts {

  private static final Path TABLE = Path.of("/proc/self/mounts");

  private Mounts() {}

  /** Whether programs and libraries of a folder cannot be run; false where nobody can tell. */
  static boolean isNoexec(Path folder) throws IOException {
    return Files.isReadable(TABLE) && isNoexec(Files.readAllLines(TABLE), folder.toRealPath());
  }

  /**
   * @param table lines of device, place, type and options; the last one for a place counts
   */
  static boolean isNoexec(List<String> table, Path folder) {
    int longest = -1;
    boolean noexec = false;
    for (String line : table) {
      String[] fields = line.split(" ");
      Path place = Path.of(fields[1].replace("\\040", " "));
      if (folder.startsWith(place) && place.getNameCount() >= longest) {
        longest = place.getNameCount();
        noexec = List.of(fields[3].split(",")).contains("noexec");
      }
    }
    return noexec;
  }
}
