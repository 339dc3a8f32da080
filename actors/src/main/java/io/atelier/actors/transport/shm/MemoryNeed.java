package io.atelier.actors.transport.shm;

import io.atelier.actors.transport.HostLimitException;
import io.atelier.actors.transport.wire.FolderName;
import java.nio.file.Path;

/**
 * Bytes that a data plane takes of the file system of its folder. They are looked for before a file
 * is mapped: memory of a mapped file that is not there ends the process, or throws an error where
 * nobody expects one.
 *
 * @param start files of the media driver
 * @param connections what is kept for connections: the logs of a few, each of three terms
 */
public record MemoryNeed(long start, long connections) {

  private static final int MIB = 1 << 20;

  long bytes() {
    return start + connections;
  }

  /**
   * What is free.
   *
   * @param folder where the files will be
   * @throws HostLimitException if there is less room; the message says how much is needed, and how
   *     to make it
   */
  public String require(Path folder) {
    long free = folder.toFile().getUsableSpace();
    if (free < bytes()) {
      throw new HostLimitException(
          "%s has %s free, a node needs %s for its connections and besides that room for weights; %s"
              .formatted(folder, mib(free), mib(bytes() + MIB - 1), remedy(folder)));
    }
    return "%s has %s free".formatted(folder, mib(free));
  }

  /** What to do where there is too little. */
  public static String remedy(Path folder) {
    return folder.startsWith(FolderName.MEMORY)
        ? "make it larger (mount -o remount,size=2g /dev/shm; in a container --shm-size=2g, or an"
            + " emptyDir of medium Memory), or end what fills it"
        : "make room there, or have /dev/shm writable, which is used then";
  }

  /** Rounded down, so that what is free is never said to be enough. */
  static String mib(long bytes) {
    return bytes / MIB + " MiB";
  }
}
