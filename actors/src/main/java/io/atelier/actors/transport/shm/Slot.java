package io.atelier.actors.transport.shm;

import io.atelier.actors.transport.MalformedException;
import io.atelier.actors.transport.TransportConfig;
import io.atelier.actors.transport.wire.Description;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.OptionalInt;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A file in memory that holds one version of weights, which every process of a host reads in place.
 * The writer publishes it by one release-store; a reader pins it, and sees after that whether it is
 * the version it wants. A pin names its process, so that one of a dead process does not count.
 *
 * <pre>
 *   0  magic            16  length     24  bytes of the hash, then the hash
 *   8  version + 1,     20  session    1024  pins: one process each, or 0
 *      or 0: none       4096  the bytes
 * </pre>
 */
public final class Slot {
  static final int HEADER = Integer.MAX_VALUE - TransportConfig.MAX_TRANSFER_BYTES;

  private static final Set<StandardOpenOption> NEW =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);

  /** Only processes of this user read weights, wherever the folder is. */
  private static final FileAttribute<?> MINE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private static final long MAGIC = 0x31544F4C53544CL;
  private static final int VERSION = 8;
  private static final int LENGTH = 16;
  private static final int SESSION = 20;
  private static final int HASH = 24;
  private static final int PINS = 1_024;
  private static final int PIN_COUNT = (HEADER - PINS) / Long.BYTES;
  private static final long OWN_PROCESS = ProcessHandle.current().pid();

  private final UnsafeBuffer header;
  private final MappedByteBuffer bytes;

  private Slot(MappedByteBuffer header, MappedByteBuffer bytes) {
    this.header = new UnsafeBuffer(header);
    this.bytes = bytes;
    bytes.order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Makes a slot, which only this user can open. Its memory is taken at once: a file system that is
   * full says so here.
   *
   * @param capacity bytes of the largest version that it takes
   */
  static Slot create(Path file, int capacity) throws IOException {
    try (FileChannel channel = FileChannel.open(file, NEW, MINE)) {
      ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 20);
      for (long left = HEADER + (long) capacity; left > 0; ) {
        left -= channel.write(zeros.clear().limit((int) Math.min(left, zeros.capacity())));
      }
      Slot slot = map(channel, FileChannel.MapMode.READ_WRITE);
      slot.header.putLong(0, MAGIC);
      return slot;
    }
  }

  /** Opens a slot to read it. */
  static Slot open(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      if (channel.size() < HEADER || channel.size() > Integer.MAX_VALUE) {
        throw new IOException(file + " has " + channel.size() + " bytes");
      }
      Slot slot = map(channel, FileChannel.MapMode.READ_ONLY);
      if (slot.header.getLong(0) != MAGIC) {
        throw new IOException(file + " is no slot");
      }
      return slot;
    }
  }

  private static Slot map(FileChannel channel, FileChannel.MapMode mode) throws IOException {
    return new Slot(
        channel.map(FileChannel.MapMode.READ_WRITE, 0, HEADER),
        channel.map(mode, HEADER, channel.size() - HEADER));
  }

  int capacity() {
    return bytes.capacity();
  }

  // ---------------------------------------------------------------- the writer

  /** Takes the version away; whether nobody reads it any more, so that another can be written. */
  boolean clear() {
    header.putLongVolatile(VERSION, 0);
    for (int i = 0; i < PIN_COUNT; i++) {
      int at = PINS + i * Long.BYTES;
      long process = header.getLongVolatile(at);
      if (process != 0) {
        if (ProcessHandle.of(process).isPresent()) {
          return false;
        }
        header.compareAndSetLong(at, process, 0);
      }
    }
    return true;
  }

  /** Memory for {@code length} bytes; nobody sees them before {@link #publish}. */
  public ByteBuffer memory(int length) {
    return bytes.slice(0, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  public void publish(int session, long version, int length, String hash) {
    byte[] utf8 = hash.getBytes(StandardCharsets.UTF_8);
    header.putInt(LENGTH, length);
    header.putInt(SESSION, session);
    header.putInt(HASH, utf8.length);
    header.putBytes(HASH + Integer.BYTES, utf8);
    header.putLongRelease(VERSION, version + 1);
  }

  // ---------------------------------------------------------------- readers

  /** Keeps the writer out; the number of the pin, or empty if too many read. */
  OptionalInt pin() {
    for (int i = 0; i < PIN_COUNT; i++) {
      if (header.compareAndSetLong(PINS + i * Long.BYTES, 0, OWN_PROCESS)) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  void unpin(int pin) {
    header.putLongRelease(PINS + pin * Long.BYTES, 0);
  }

  /** While pinned: whether it holds this version of this publisher. */
  boolean holds(int session, long version) {
    return header.getLongVolatile(VERSION) == version + 1
        && header.getInt(SESSION) == session
        && header.getInt(LENGTH) >= 0
        && header.getInt(LENGTH) <= capacity();
  }

  /** While pinned: the bytes, in place and read-only. */
  ByteBuffer held() {
    return bytes.slice(0, header.getInt(LENGTH)).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** While pinned: the content hash. */
  String hash() {
    int length = header.getInt(HASH);
    if (length < 0 || length > Description.MAX_HASH_BYTES) {
      throw new MalformedException("a hash of " + length + " bytes in a slot");
    }
    byte[] utf8 = new byte[length];
    header.getBytes(HASH + Integer.BYTES, utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
