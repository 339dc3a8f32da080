package io.atelier.rollout.noise;

/**
 * One stream of random numbers, read in order. The same stream read again gives the same bits on
 * every platform: integers are Philox words, and normals use {@link StrictMath} only.
 *
 * <p>Block {@code n} of a stream is Philox at counter {@code (n, c1, c2, c3)}. Its four words w are
 * taken in order; a normal pair comes from two words by the Box-Muller transform: with {@code u1 =
 * (w + 1/2) / 2^32} and {@code u2 = w' / 2^32} (w unsigned), {@code sqrt(-2 ln u1) cos(2 pi u2)},
 * then the same with sin, in double, rounded once to float32. Their largest magnitude is 6.8.
 *
 * <p>Not thread-safe. A stream ends after 2^34 words.
 */
public final class RandomStream {
  private static final double UNIT = 0x1p-32;

  private final long key;
  private final int c1;
  private final int c2;
  private final int c3;
  private final int[] words = new int[Philox.WORDS];
  private long block;
  private int used = Philox.WORDS;
  private double spareNormal;
  private boolean hasSpare;

  RandomStream(long key, int c1, int c2, int c3) {
    this.key = key;
    this.c1 = c1;
    this.c2 = c2;
    this.c3 = c3;
  }

  /** The next 32 random bits. */
  public int nextWord() {
    if (used == Philox.WORDS) {
      if (block >>> 32 != 0) {
        throw new IllegalStateException("the random stream is used up after 2^34 words");
      }
      Philox.block(key, (int) block++, c1, c2, c3, words);
      used = 0;
    }
    return words[used++];
  }

  /** Uniform in 0 (inclusive) to {@code bound} (exclusive), without bias. */
  public int nextInt(int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("cannot draw below %d; use at least 1".formatted(bound));
    }
    // Words at or past the largest multiple of the bound would favour small results: draw again.
    long limit = (1L << 32) / bound * bound;
    long word;
    do {
      word = Integer.toUnsignedLong(nextWord());
    } while (word >= limit);
    return (int) (word % bound);
  }

  /** Uniform in [0, 1), a multiple of 2^-32. */
  public double nextUniform() {
    return Integer.toUnsignedLong(nextWord()) * UNIT;
  }

  /** Standard normal. */
  public double nextNormal() {
    if (hasSpare) {
      hasSpare = false;
      return spareNormal;
    }
    double radius =
        StrictMath.sqrt(-2 * StrictMath.log((Integer.toUnsignedLong(nextWord()) + 0.5) * UNIT));
    double angle = 2 * Math.PI * nextUniform();
    spareNormal = radius * StrictMath.sin(angle);
    hasSpare = true;
    return radius * StrictMath.cos(angle);
  }

  /** The next {@code count} standard normals in float32. */
  public float[] normals(int count) {
    float[] values = new float[count];
    fillNormal(values, 0, count);
    return values;
  }

  /** Writes the next {@code count} standard normals to {@code values} from {@code offset}. */
  public void fillNormal(float[] values, int offset, int count) {
    for (int i = 0; i < count; i++) {
      values[offset + i] = (float) nextNormal();
    }
  }

  /** A random order of the numbers 0 to {@code count - 1}, all orders equally likely. */
  public int[] permutation(int count) {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      int j = nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
