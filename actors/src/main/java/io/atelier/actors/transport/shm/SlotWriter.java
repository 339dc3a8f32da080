package io.atelier.actors.transport.shm;

import static io.atelier.actors.transport.TransportLog.LOG;

import io.atelier.actors.transport.wire.FolderName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.agrona.IoUtil;

/**
 * Slots of one stream that is offered here, in a folder that other processes of this host may see.
 * A slot in use is a file named by its version. Thread-safe.
 */
public final class SlotWriter {

  /** A slot and its file. */
  public record Taken(Slot slot, Path file) {}

  private final Path folder;
  private final long kept;
  private final Deque<Taken> free = new ArrayDeque<>();
  private int made;
  private boolean full;

  /**
   * @param kept bytes of the file system that are not for slots
   */
  public SlotWriter(Path folder, long kept) {
    this.folder = folder;
    this.kept = kept;
    IoUtil.ensureDirectoryExists(folder.toFile(), "slots");
  }

  public Path folder() {
    return folder;
  }

  /** A slot that nobody reads; empty if the file system has no room for it. */
  public synchronized Optional<Taken> take(int length) {
    for (int i = free.size(); i > 0; i--) {
      Taken next = free.remove();
      if (next.slot().capacity() >= length && next.slot().clear()) {
        return Optional.of(next);
      }
      free.add(next);
    }
    Path file = folder.resolve("slot-" + made++);
    try {
      requireRoom(length);
      return Optional.of(new Taken(Slot.create(file, length), file));
    } catch (IOException e) {
      if (!full) {
        LOG.warn("weights are not shared on this host, they go by network: {}", e.getMessage());
      }
      full = true;
      discard(file);
      return Optional.empty();
    }
  }

  /** Leaves room for connections, without which nothing would go by network either. */
  private void requireRoom(int length) throws IOException {
    long free = folder.toFile().getUsableSpace();
    if (free < Slot.HEADER + (long) length + kept) {
      throw new IOException(
          "a version takes %s, and %s has %s free, of which %s are kept for connections; %s"
              .formatted(
                  MemoryNeed.mib(length),
                  FolderName.MEMORY,
                  MemoryNeed.mib(free),
                  MemoryNeed.mib(kept),
                  MemoryNeed.remedy(folder)));
    }
  }

  private static void discard(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("cannot delete {}: {}", file, e.getMessage());
    }
  }

  /** Lets readers find it. */
  public Taken name(Taken slot, long version) {
    Path file = folder.resolve(Long.toString(version));
    try {
      return new Taken(slot.slot(), Files.move(slot.file(), file));
    } catch (IOException e) {
      LOG.warn("{} cannot be found by others: {}", file, e.getMessage());
      return slot;
    }
  }

  /** Deletes the files. Who reads one of them goes on. */
  public void close() {
    IoUtil.delete(folder.toFile(), true);
  }

  /** Takes a slot back; readers that hold it finish first. */
  public synchronized void giveBack(Taken slot) {
    slot.slot().clear();
    Path file = folder.resolve("slot-" + made++);
    try {
      free.add(new Taken(slot.slot(), Files.move(slot.file(), file)));
    } catch (IOException e) {
      LOG.warn("cannot use {} again: {}", slot.file(), e.getMessage());
    }
  }
}
