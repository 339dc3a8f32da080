package io.atelier.tests.transport;

import static io.atelier.tests.transport.Planes.get;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.transport.plane.DataPlane;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Processes of one host read weights from one place in memory. */
class SharedMemoryTest {
  private static final int SIZE = 2_000_000;
  private static final Path MEMORY = Path.of("/dev/shm");

  private final Planes planes = new Planes();

  @BeforeEach
  void needsMemory() {
    assumeTrue(Files.isWritable(MEMORY), "this machine has no /dev/shm");
  }

  @AfterEach
  void close() {
    planes.close();
  }

  private static byte[] weights(long version) {
    return Bytes.random(SIZE, version);
  }

  @Test
  void shouldReadAVersionWithoutATransfer() throws Exception {
    DataPlane learner = planes.start(Planes.sharing());
    WeightStream<byte[]> stream = learner.publisher("policy", Bytes.CODEC, 2);
    List<DataPlane> workers = List.of(planes.start(), planes.start());
    List<WeightStream<byte[]>> received =
        workers.stream().map(w -> w.receiver("policy", learner.node(), Bytes.CODEC)).toList();
    for (long version = 0; version < 10; version++) {
      stream.retire(version - 2);
      stream.publish(version, weights(version));
      for (WeightStream<byte[]> r : received) {
        long newest = version;
        Eventually.holds(() -> r.versions().contains(newest));
        assertArrayEquals(weights(version), get(r.fetch(version)));
      }
    }
    assertEquals(List.of(8L, 9L), List.copyOf(stream.versions()));
    for (DataPlane worker : workers) {
      assertTrue(worker.counters().get("received-bytes") < SIZE / 10, worker.counters()::toString);
    }
    assertTrue(slots() <= 4, "slots are used again: " + slots());
  }

  @Test
  void shouldKeepOtherUsersOut() throws Exception {
    planes.start(Planes.sharing()).publisher("policy", Bytes.CODEC, 1).publish(0, weights(0));
    List<Path> files = slotFiles();
    assertFalse(files.isEmpty());
    for (Path file : files) {
      assertEquals("rw-------", permissions(file), file::toString);
      assertEquals("rwx------", permissions(file.getParent().getParent()), file::toString);
    }
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void shouldReadAgainWhatWasLetGo() throws Exception {
    DataPlane worker = planes.start();
    Planes.fetchAgainAndAgain(3_000, planes.start(Planes.sharing()), worker);
    assertEquals(3_000, worker.counters().get("versions-from-slot"));
  }

  private static long slots() throws IOException {
    return slotFiles().size();
  }

  /** Files of slots of this process. */
  private static List<Path> slotFiles() throws IOException {
    String own = "atelier-plane-" + ProcessHandle.current().pid() + "-";
    try (Stream<Path> files = Files.walk(MEMORY)) {
      return files
          .filter(file -> file.toString().contains(own) && file.toString().contains("/slots-"))
          .filter(Files::isRegularFile)
          .toList();
    }
  }

  @Test
  void shouldNotWriteIntoWhatIsBeingRead() throws Exception {
    CountDownLatch reads = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    DataPlane learner = planes.start(Planes.sharing());
    WeightStream<byte[]> stream = learner.publisher("policy", Bytes.CODEC, 1);
    stream.publish(0, weights(0));
    CompletionStage<byte[]> read =
        planes.start().receiver("policy", learner.node(), new Slow(reads, goOn)).fetch(0);
    assertTrue(reads.await(30, TimeUnit.SECONDS));
    for (long version = 1; version < 4; version++) {
      stream.retire(version - 1);
      stream.publish(version, weights(version));
    }
    goOn.countDown();
    assertArrayEquals(weights(0), get(read));
  }

  /** Waits in the middle of reading. */
  private static final class Slow extends Bytes {
    private final CountDownLatch reads;
    private final CountDownLatch goOn;

    Slow(CountDownLatch reads, CountDownLatch goOn) {
      this.reads = reads;
      this.goOn = goOn;
    }

    @Override
    public byte[] decode(ByteBuffer from) {
      assertTrue(from.isDirect(), "in place");
      byte[] value = new byte[from.remaining()];
      from.get(value, 0, 1_000);
      reads.countDown();
      try {
        goOn.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      from.get(value, 1_000, value.length - 1_000);
      return value;
    }
  }

  @Test
  void shouldDeleteWhatADeadProcessLeftAndNothingElse() throws Exception {
    Path dead = Files.createTempDirectory(MEMORY, "atelier-plane-0-");
    Files.createFile(dead.resolve("lock"));
    Path living = Files.createTempDirectory(MEMORY, "atelier-plane-0-");
    Path unfinished = Files.createTempDirectory(MEMORY, "atelier-plane-0-");
    Path lock = living.resolve("lock");
    try (FileChannel channel =
        FileChannel.open(lock, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      channel.lock();
      planes.start();
      assertFalse(Files.exists(dead));
      assertTrue(Files.exists(living));
      assertTrue(Files.exists(unfinished));
    } finally {
      Files.delete(lock);
      Files.delete(living);
      Files.delete(unfinished);
    }
  }
}
