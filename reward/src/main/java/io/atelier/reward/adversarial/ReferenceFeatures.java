package io.atelier.reward.adversarial;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.vision.ImageSource;
import io.atelier.models.vision.Images;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * LRU cache of features of reference images, each encoded on first use; a run keeps {@link
 * #KEPT_BYTES} of them, at about 75 kB per image for Lite0 at 128 pixels.
 */
final class ReferenceFeatures {

  /** Computes features of some references, given with their indices. */
  @FunctionalInterface
  interface Encoding {
    NamedTensors of(Images images, int[] places);
  }

  /**
   * A quarter of the heap that the launcher requests; more than twice the embedded pack's features.
   */
  static final long KEPT_BYTES = 1L << 30;

  private final Encoding encoding;
  private final ImageSource images;
  private final long limit;
  private final Map<Integer, FeatureBatch> known = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /**
   * @param encoding encoder whose result for a reference is always bit-identical, in any batch
   * @param limit bytes of features kept between calls
   */
  ReferenceFeatures(Encoding encoding, ImageSource images, long limit) {
    this.encoding = encoding;
    this.images = images;
    this.limit = limit;
  }

  /** Returns features of the images at {@code indices}, in that order. */
  NamedTensors of(int[] indices) {
    int[] missing = Arrays.stream(indices).distinct().filter(i -> !known.containsKey(i)).toArray();
    int atOnce = images.together();
    for (int from = 0; from < missing.length; from += atOnce) {
      int[] some = Arrays.copyOfRange(missing, from, Math.min(missing.length, from + atOnce));
      NamedTensors views = encoding.of(images.select(some), some);
      FeatureBatch encoded = new FeatureBatch(some.length, views, new float[0][]);
      for (int i = 0; i < some.length; i++) {
        FeatureBatch one = encoded.select(new int[] {i});
        known.put(some[i], one);
        bytes += bytes(one);
      }
    }
    List<FeatureBatch> parts = new ArrayList<>();
    for (int index : indices) {
      parts.add(known.get(index));
    }
    forget();
    return FeatureBatch.concat(parts).views();
  }

  /** Evicts the least recently used features until the rest fit. */
  private void forget() {
    Iterator<FeatureBatch> oldestFirst = known.values().iterator();
    while (bytes > limit && oldestFirst.hasNext()) {
      bytes -= bytes(oldestFirst.next());
      oldestFirst.remove();
    }
  }

  private static long bytes(FeatureBatch features) {
    long values = 0;
    for (NamedTensors.Tensor view : features.views().asMap().values()) {
      values += view.values().length;
    }
    return values * Float.BYTES;
  }
}
