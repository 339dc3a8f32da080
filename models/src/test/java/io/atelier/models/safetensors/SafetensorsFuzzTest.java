package io.atelier.models.safetensors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Thousands of corrupted copies of a valid file. Each must either fail with a {@link
 * SafetensorsException} that names the file, or be read completely, its tensors tiling the bytes
 * that are there; none may make the reader allocate much. {@code -Datelier.fuzz.seed=N
 * -Datelier.fuzz.cases=N} give other and more cases.
 */
class SafetensorsFuzzTest {

  private static final String INTERESTING = "{}[]\",:0123456789-eE.\\ \0\u007fF";

  @TempDir Path folder;

  private final long seed = Long.getLong("atelier.fuzz.seed", 20251);
  private final int cases = Integer.getInteger("atelier.fuzz.cases", 6000);

  @Test
  void shouldReadOrRefuseEveryMutation() throws IOException {
    byte[] valid = valid();
    int data = 8 + (int) ByteBuffer.wrap(valid).order(ByteOrder.LITTLE_ENDIAN).getLong();
    warmUp(valid, data);
    Random random = new Random(seed);
    int read = 0;
    int refused = 0;
    for (int i = 0; i < cases; i++) {
      byte[] mutant = mutate(valid, data, random);
      Path file = folder.resolve("mutant-%d.safetensors".formatted(i));
      Files.write(file, mutant);
      long before = allocated();
      try {
        checkReadable(SafetensorsFile.open(file), mutant);
        read++;
      } catch (SafetensorsException e) {
        assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
        refused++;
      } catch (Throwable e) {
        throw new AssertionError("seed %d, case %d: %s".formatted(seed, i, e), e);
      }
      long used = allocated() - before;
      assertTrue(used < 4 << 20, "seed %d, case %d: %d bytes used".formatted(seed, i, used));
      if (Arrays.mismatch(valid, mutant) >= data && mutant.length == valid.length) {
        assertEquals(3, SafetensorsFile.open(file).names().size(), "a change of data is no error");
      }
      if (mutant.length != valid.length && Arrays.mismatch(valid, mutant) >= data) {
        refused(file);
      }
      Files.delete(file);
    }
    assertTrue(read > cases / 25, read + " were read with seed " + seed);
    assertTrue(refused > cases / 4, refused + " were refused with seed " + seed);
  }

  /** Classes that are loaded by the first refusals would be taken for memory that a file used. */
  private void warmUp(byte[] valid, int data) throws IOException {
    Random random = new Random(~seed);
    for (int i = 0; i < 100; i++) {
      Path file = folder.resolve("warm-up.safetensors");
      Files.write(file, mutate(valid, data, random));
      try {
        SafetensorsFile.open(file);
      } catch (SafetensorsException e) {
        assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
      }
    }
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  private static void refused(Path file) {
    try {
      SafetensorsFile.open(file);
    } catch (SafetensorsException e) {
      return;
    }
    throw new AssertionError("a file with more or fewer data than its header says was accepted");
  }

  private byte[] valid() throws IOException {
    Path file = folder.resolve("valid.safetensors");
    new SafetensorsWriter()
        .metadata(Map.of("format", "pt"))
        .add("a.weight", new long[] {3, 5}, new float[15])
        .add("b", DType.BF16, new long[] {4}, ByteBuffer.allocate(8))
        .add("ids", new long[] {2}, new long[2])
        .write(file);
    return Files.readAllBytes(file);
  }

  private static byte[] mutate(byte[] valid, int data, Random random) {
    byte[] mutant = valid.clone();
    int edits = 1 + random.nextInt(3);
    for (int i = 0; i < edits; i++) {
      switch (random.nextInt(7)) {
        case 0 -> mutant[random.nextInt(mutant.length)] ^= (byte) (1 << random.nextInt(8));
        case 1 -> mutant = Arrays.copyOf(mutant, random.nextInt(mutant.length) + 1);
        case 2 -> mutant = Arrays.copyOf(mutant, mutant.length + 1 + random.nextInt(9));
        case 3 -> {
          byte[] replacement = INTERESTING.getBytes(StandardCharsets.US_ASCII);
          mutant[random.nextInt(Math.min(data, mutant.length))] =
              replacement[random.nextInt(replacement.length)];
        }
        case 4 -> mutant[random.nextInt(Math.min(8, mutant.length))] = (byte) random.nextInt();
        case 5 -> mutant = headerEdit(mutant, random);
        default -> mutant[mutant.length - 1 - random.nextInt(Math.min(76, mutant.length))] ^= 1;
      }
    }
    return mutant;
  }

  /** Removes, doubles or replaces a stretch of the header and makes its length right again. */
  private static byte[] headerEdit(byte[] file, Random random) {
    if (file.length < 8) {
      return file;
    }
    long length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > file.length - 8) {
      return file;
    }
    String header = new String(file, 8, (int) length, StandardCharsets.ISO_8859_1);
    int from = random.nextInt(header.length());
    int to = Math.min(header.length(), from + 1 + random.nextInt(12));
    String middle =
        switch (random.nextInt(4)) {
          case 0 -> "";
          case 1 -> header.substring(from, to).repeat(2);
          case 2 -> Long.toString(random.nextLong() >>> random.nextInt(64));
          default -> "9".repeat(1 + random.nextInt(30));
        };
    byte[] edited =
        (header.substring(0, from) + middle + header.substring(to))
            .getBytes(StandardCharsets.ISO_8859_1);
    int rest = file.length - 8 - (int) length;
    return ByteBuffer.allocate(8 + edited.length + rest)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(edited.length)
        .put(edited)
        .put(file, 8 + (int) length, rest)
        .array();
  }

  private static void checkReadable(SafetensorsFile file, byte[] content) {
    long data = 8 + ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getLong();
    long total = 0;
    for (String name : file.names()) {
      TensorInfo info = file.info(name);
      total += info.bytes();
      if (DType.of(info.dtype()).filter(DType::readable).isEmpty()) {
        continue;
      }
      ByteBuffer bytes = file.bytes(name);
      assertEquals(info.bytes(), bytes.remaining());
      int from = (int) (data + info.begin());
      assertEquals(ByteBuffer.wrap(content, from, (int) info.bytes()), bytes);
      if (info.dtype().equals("F32") || info.dtype().equals("BF16")) {
        file.floats(name);
      }
    }
    assertEquals(content.length - data, total);
  }
}
