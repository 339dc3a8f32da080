package io.atelier.models.assets;

import io.atelier.models.safetensors.DType;
import io.atelier.models.vision.Images;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * 1,562 concepts, each with a caption, a caption vector and a drawing in every {@link EmojiStyle}.
 * Concept {@code i} is the same thing in all styles. Immutable; a style is read when first asked
 * for and then kept (19 MB each). Not thread-safe while a style is being read for the first time.
 */
public final class EmojiPack {

  /** Concepts in the pack. */
  public static final int SIZE = 1562;

  /** Rows and columns of every image. */
  public static final int PIXELS = 64;

  /** Length of a caption vector. */
  public static final int CAPTION_WIDTH = 384;

  /** Concepts held out of all training. */
  public static final int HELD_OUT = 462;

  private static final long SPLIT_SEED = 0x61746c69657236L;
  private static final String CAPTIONS = "captions.tsv";
  private static final String VECTORS = "captions-minilm-384.f16";

  /**
   * One concept.
   *
   * @param index index in the pack, from 0
   * @param codePoints Unicode code points in hexadecimal, joined by {@code -}, without U+FE0F
   * @param caption English CLDR name, such as {@code grinning face}
   * @param tags related words, possibly none
   * @param group coarse class, such as {@code food-drink}; one of eight
   * @param subgroup finer class, such as {@code food-fruit}
   */
  public record Concept(
      int index,
      String codePoints,
      String caption,
      List<String> tags,
      String group,
      String subgroup) {}

  private final List<Concept> concepts;
  private final float[][] captionVectors;
  private final List<Integer> train;
  private final List<Integer> heldOut;
  private final Map<EmojiStyle, Images> styles = new EnumMap<>(EmojiStyle.class);

  private EmojiPack(List<Concept> concepts, float[][] captionVectors) {
    this.concepts = concepts;
    this.captionVectors = captionVectors;
    int[] order = splitOrder();
    this.heldOut = Arrays.stream(order, 0, HELD_OUT).sorted().boxed().toList();
    this.train = Arrays.stream(order, HELD_OUT, SIZE).sorted().boxed().toList();
  }

  /** Reads captions and caption vectors; images are read when asked for. */
  public static EmojiPack load() {
    return new EmojiPack(readConcepts(), readVectors());
  }

  /** All concepts in order of their index. */
  public List<Concept> concepts() {
    return concepts;
  }

  /** Concept {@code index}. */
  public Concept concept(int index) {
    return concepts.get(index);
  }

  /** All {@value #SIZE} captions in order; no two are equal. */
  public List<String> captions() {
    return concepts.stream().map(Concept::caption).toList();
  }

  /**
   * The all-MiniLM-L6-v2 vector of a caption, {@value #CAPTION_WIDTH} values of unit length; a
   * copy.
   */
  public float[] captionVector(int index) {
    return captionVectors[index].clone();
  }

  /** The whole of a style, {@value #SIZE} images of 64 x 64 on white. */
  public Images images(EmojiStyle style) {
    return styles.computeIfAbsent(
        style,
        s -> {
          int length = SIZE * PIXELS * PIXELS * 3;
          return new Images(SIZE, PIXELS, PIXELS, Assets.gunzip(s.resource(), length));
        });
  }

  /** One drawing, as a copy. */
  public Images image(EmojiStyle style, int index) {
    return images(style).get(index);
  }

  /** The drawings of the concepts at {@code indices}, in that order, as a copy. */
  public Images images(EmojiStyle style, List<Integer> indices) {
    Images all = images(style);
    int stride = all.stride();
    byte[] rgb = new byte[indices.size() * stride];
    for (int i = 0; i < indices.size(); i++) {
      int index = indices.get(i);
      if (index < 0 || index >= SIZE) {
        throw new IndexOutOfBoundsException(
            "concept %d is not in 0..%d".formatted(index, SIZE - 1));
      }
      System.arraycopy(all.rgb(), index * stride, rgb, i * stride, stride);
    }
    return new Images(indices.size(), PIXELS, PIXELS, rgb);
  }

  /** The 1,100 concepts for training, ascending. This split never changes. */
  public List<Integer> train() {
    return train;
  }

  /**
   * The {@value #HELD_OUT} concepts that are never trained on, ascending. This split never changes.
   */
  public List<Integer> heldOut() {
    return heldOut;
  }

  /**
   * Fisher-Yates from the last index down, each draw an unsigned remainder of the next 64 bits of
   * SplittableRandom: that sequence is part of its specification, unlike bounded draws.
   */
  private static int[] splitOrder() {
    int[] order = new int[SIZE];
    Arrays.setAll(order, i -> i);
    SplittableRandom random = new SplittableRandom(SPLIT_SEED);
    for (int i = SIZE - 1; i > 0; i--) {
      int j = (int) Long.remainderUnsigned(random.nextLong(), i + 1L);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  private static List<Concept> readConcepts() {
    String text = new String(Assets.bytes(CAPTIONS), StandardCharsets.UTF_8);
    List<Concept> concepts = new ArrayList<>(SIZE);
    for (String line : text.lines().toList()) {
      String[] field = line.split("\t", -1);
      int index = concepts.size();
      if (field.length != 6 || !field[0].equals(Integer.toString(index))) {
        throw new IllegalStateException(
            "asset %s, line %d: expected index %d and 6 fields, got \"%s\""
                .formatted(CAPTIONS, index + 1, index, line));
      }
      List<String> tags = field[3].isEmpty() ? List.of() : List.of(field[3].split(","));
      concepts.add(new Concept(index, field[1], field[2], tags, field[4], field[5]));
    }
    if (concepts.size() != SIZE) {
      throw new IllegalStateException(
          "asset %s should have %d lines but has %d".formatted(CAPTIONS, SIZE, concepts.size()));
    }
    return List.copyOf(concepts);
  }

  private static float[][] readVectors() {
    byte[] data = Assets.bytes(VECTORS);
    int expected = SIZE * CAPTION_WIDTH * Short.BYTES;
    if (data.length != expected) {
      throw new IllegalStateException(
          "asset %s should have %d bytes but has %d".formatted(VECTORS, expected, data.length));
    }
    var halves = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
    float[][] vectors = new float[SIZE][CAPTION_WIDTH];
    for (float[] vector : vectors) {
      for (int k = 0; k < CAPTION_WIDTH; k++) {
        vector[k] = DType.halfToFloat(halves.get());
      }
    }
    return vectors;
  }
}
