package io.atelier.tests.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.sd3.MmditAdapter;
import io.atelier.models.sd3.PipelineFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The folder of numbers that the Python stack gave for small random models: system property {@code
 * atelier.golden} (a relative path counts from the project's root), by default the project's copy.
 */
public final class Golden {

  private static final String OWN = "tests/golden";

  private Golden() {}

  /** A file or folder of the golden set; fails if it does not exist. */
  public static Path path(String first, String... more) {
    Path root = Path.of(System.getProperty("atelier.root", ".."));
    Path golden = root.resolve(System.getProperty("atelier.golden", OWN));
    Path path = golden.resolve(Path.of(first, more));
    if (!Files.exists(path)) {
      fail(path.toAbsolutePath() + " does not exist; set -Datelier.golden to the golden folder");
    }
    return path;
  }

  /** The linear maps of a model of the golden set that an adapter may change, with their shapes. */
  public static Map<String, long[]> maps(String model) {
    return MmditAdapter.maps(new PipelineFolder(path(model)).transformerConfig());
  }

  /** A JSON file of the golden set. */
  public static JsonNode json(String first, String... more) {
    Path path = path(first, more);
    try {
      return new ObjectMapper().readTree(Files.readAllBytes(path));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path, e);
    }
  }

  /** A safetensors file of the golden set. */
  public static SafetensorsFile tensors(String first, String... more) {
    return SafetensorsFile.open(path(first, more));
  }

  /** Ends a test of what another golden folder has not; in the project's own it must be there. */
  static void requireOrSkip(boolean there, String what) {
    boolean own = System.getProperty("atelier.golden", OWN).equals(OWN);
    assertTrue(there || !own, what + " must be there");
    assumeTrue(there, what + " is not in this folder");
  }

  /** The only value of a tensor without dimensions. */
  public static float scalar(SafetensorsFile file, String name) {
    float[] values = file.floats(name);
    assertEquals(1, values.length, name + ": number of values");
    return values[0];
  }

  /** As {@link #assertClose}, with the bound in units of the largest golden magnitude. */
  public static void assertCloseRelative(
      String what, float[] expected, float[] actual, double bound) {
    double largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertClose(what, expected, actual, bound * largest);
  }

  /** The integers of a JSON list. */
  public static long[] longs(JsonNode list) {
    long[] values = new long[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).longValue();
    }
    return values;
  }

  /** Fails at the first value that is further than {@code bound} from its golden value. */
  public static void assertClose(String what, float[] expected, float[] actual, double bound) {
    assertEquals(expected.length, actual.length, what + ": number of values");
    for (int i = 0; i < expected.length; i++) {
      if (!(Math.abs(expected[i] - actual[i]) <= bound)) {
        fail("%s[%d]: %s is not within %s of %s".formatted(what, i, actual[i], bound, expected[i]));
      }
    }
  }
}
