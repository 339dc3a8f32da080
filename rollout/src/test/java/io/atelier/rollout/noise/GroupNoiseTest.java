package io.atelier.rollout.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.rollout.GroupId;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GroupNoiseTest {
  private static final GroupNoise NOISE = new GroupNoise(20251L);

  /** Bits of four normals, computed apart from this code by another program. */
  private static final String[] FROZEN = {"bf13ec32", "be9bdf76", "bf8a1ea8", "3f3783ea"};

  @Test
  void shouldTakeBoxMullerPairsFromPhiloxWordsInOrder() {
    int[] words = new int[Philox.WORDS];
    Philox.block(20251L, 0, 1 << 28 | 7 << 16 | 3, 5, 2, words);
    double u1 = (Integer.toUnsignedLong(words[0]) + 0.5) / 4294967296.0;
    double u2 = Integer.toUnsignedLong(words[1]) / 4294967296.0;
    double radius = StrictMath.sqrt(-2 * StrictMath.log(u1));

    float[] drawn = NOISE.stream(Purpose.STEP_NOISE, new GroupId(2, 5), 3, 7).normals(2);

    assertEquals((float) (radius * StrictMath.cos(2 * Math.PI * u2)), drawn[0]);
    assertEquals((float) (radius * StrictMath.sin(2 * Math.PI * u2)), drawn[1]);
  }

  @Test
  void shouldNotChangeFromReleaseToRelease() {
    float[] drawn = NOISE.stream(Purpose.INITIAL_LATENT, new GroupId(1, 2), 3, 0).normals(4);

    assertArrayEquals(
        FROZEN, Arrays.stream(toBits(drawn)).mapToObj(Integer::toHexString).toArray());
  }

  @Test
  void shouldGiveASampleTheSameNoiseInABatchOfAnySize() {
    GroupId group = new GroupId(4, 1);
    float[] two = NOISE.normals(Purpose.STEP_NOISE, group, 1, 2, 33);
    float[] five = NOISE.normals(Purpose.STEP_NOISE, group, 1, 5, 33);

    assertArrayEquals(two, Arrays.copyOf(five, two.length));
  }

  @Test
  void shouldSeparateEveryPartOfAName() {
    Set<Long> firsts = new HashSet<>();
    int streams = 0;
    for (long seed : new long[] {0, 1, 1L << 40}) {
      for (Purpose purpose : Purpose.values()) {
        for (int step : new int[] {0, 1, 70_000}) {
          for (int slot : new int[] {0, 1}) {
            for (int sample : new int[] {0, 1, GroupNoise.SAMPLES_MAX - 1}) {
              for (int denoising : new int[] {0, 1, GroupNoise.DENOISING_STEPS_MAX - 1}) {
                RandomStream stream =
                    new GroupNoise(seed)
                        .stream(purpose, new GroupId(step, slot), sample, denoising);
                firsts.add((long) stream.nextWord() << 32 | stream.nextWord() & 0xFFFFFFFFL);
                streams++;
              }
            }
          }
        }
      }
    }
    assertEquals(streams, firsts.size());
  }

  @Test
  void shouldBeStandardNormal() {
    float[] values = NOISE.normals(Purpose.INITIAL_LATENT, new GroupId(0, 0), 0, 8, 25_000);
    double sum = 0;
    double squares = 0;
    double fourth = 0;
    int beyondTwo = 0;
    for (float v : values) {
      sum += v;
      squares += (double) v * v;
      fourth += (double) v * v * v * v;
      beyondTwo += Math.abs(v) > 2 ? 1 : 0;
    }
    int n = values.length;
    // Five standard errors of each moment.
    assertEquals(0, sum / n, 5 / Math.sqrt(n));
    assertEquals(1, squares / n, 5 * Math.sqrt(2.0 / n));
    assertEquals(3, fourth / n, 5 * Math.sqrt(96.0 / n));
    assertEquals(0.04550026, (double) beyondTwo / n, 5 * Math.sqrt(0.0455 * 0.9545 / n));
  }

  @Test
  void shouldDrawBoundedIntegersEvenly() {
    RandomStream stream = NOISE.stream(Purpose.REFERENCE, new GroupId(3, 3));
    int[] counts = new int[6];
    for (int i = 0; i < 60_000; i++) {
      counts[stream.nextInt(6)]++;
    }
    for (int count : counts) {
      assertEquals(10_000, count, 5 * Math.sqrt(60_000 * 5.0 / 36));
    }
    assertThrows(IllegalArgumentException.class, () -> stream.nextInt(0));
  }

  @Test
  void shouldPermuteEveryNumberOnce() {
    int[] order = NOISE.stream(Purpose.PROMPT, 9).permutation(100);
    int[] sorted = order.clone();
    Arrays.sort(sorted);

    for (int i = 0; i < 100; i++) {
      assertEquals(i, sorted[i]);
    }
    assertFalse(Arrays.equals(sorted, order));
  }

  @Test
  void shouldRefuseNamesThatWouldCollide() {
    GroupId group = new GroupId(0, 0);
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> NOISE.stream(Purpose.STEP_NOISE, group, GroupNoise.SAMPLES_MAX, 0));
    assertTrue(error.getMessage().contains("sample 65536"));
    assertThrows(
        IllegalArgumentException.class,
        () -> NOISE.stream(Purpose.STEP_NOISE, group, 0, GroupNoise.DENOISING_STEPS_MAX));
    assertTrue(Purpose.values().length <= 16);
  }

  private static int[] toBits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToIntBits(values[i]);
    }
    return bits;
  }
}
