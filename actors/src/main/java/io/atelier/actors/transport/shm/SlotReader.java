package io.atelier.actors.transport.shm;

import static io.atelier.actors.transport.TransportLog.LOG;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Reads versions of one stream from the slots of a node that is on this host. Mappings are kept,
 * since slots are used again. For one thread.
 */
public final class SlotReader {

  /** Takes a version, which is there during the call. */
  public interface Visitor {
    void visit(ByteBuffer bytes, String hash);
  }

  private final int session;
  private final Map<Object, Slot> slots = new HashMap<>();

  /**
   * @param session of the node that writes them
   */
  public SlotReader(int session) {
    this.session = session;
  }

  /** Whether the version was there, and was visited. */
  public boolean read(Path folder, long version, Visitor visitor) {
    Slot slot;
    try {
      slot = slot(folder.resolve(Long.toString(version)));
    } catch (IOException e) {
      LOG.debug("version {} is not in {}", version, folder, e);
      return false;
    }
    OptionalInt pin = slot.pin();
    if (pin.isEmpty()) {
      return false;
    }
    try {
      if (!slot.holds(session, version)) {
        return false;
      }
      visitor.visit(slot.held(), slot.hash());
      return true;
    } finally {
      slot.unpin(pin.getAsInt());
    }
  }

  private Slot slot(Path file) throws IOException {
    Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    Slot known = slots.get(key);
    if (known == null) {
      known = Slot.open(file);
      slots.put(key, known);
    }
    return known;
  }
}
