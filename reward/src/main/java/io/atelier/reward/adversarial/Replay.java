package io.atelier.reward.adversarial;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.rollout.noise.RandomStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Replay buffer of the newest generated images of a critic: without it the head forgets images that
 * it once rejected, and the policy may return to them.
 */
final class Replay {

  private static final String CONDITION = "condition";
  private static final String VIEW = "view.";

  private final int capacity;
  private final Deque<FeatureBatch> kept = new ArrayDeque<>();

  Replay(int capacity) {
    this.capacity = capacity;
  }

  /** Adds images, evicting the oldest. */
  void add(FeatureBatch images) {
    for (int i = Math.max(0, images.count() - capacity); i < images.count(); i++) {
      if (kept.size() == capacity) {
        kept.removeFirst();
      }
      kept.addLast(images.select(new int[] {i}));
    }
  }

  /** Draws up to {@code count} different images, possibly none. */
  List<FeatureBatch> draw(int count, RandomStream random) {
    List<FeatureBatch> all = new ArrayList<>(kept);
    return Arrays.stream(random.permutation(all.size())).limit(count).mapToObj(all::get).toList();
  }

  /** Returns all that {@link #restore} needs; empty if the buffer is empty. */
  Map<String, Tensor> state() {
    SortedMap<String, Tensor> state = new TreeMap<>();
    if (!kept.isEmpty()) {
      FeatureBatch all = FeatureBatch.concat(new ArrayList<>(kept));
      all.views().asMap().forEach((name, tensor) -> state.put(VIEW + name, tensor));
      if (all.condition().length > 0) {
        int width = all.condition()[0].length;
        float[] values = new float[all.count() * width];
        for (int i = 0; i < all.count(); i++) {
          System.arraycopy(all.condition()[i], 0, values, i * width, width);
        }
        state.put(CONDITION, new Tensor(new long[] {all.count(), width}, values));
      }
    }
    return state;
  }

  void restore(NamedTensors state) {
    kept.clear();
    SortedMap<String, Tensor> views = new TreeMap<>();
    state
        .asMap()
        .forEach(
            (name, tensor) -> {
              if (name.startsWith(VIEW)) {
                views.put(name.substring(VIEW.length()), tensor);
              }
            });
    if (views.isEmpty()) {
      return;
    }
    int count = (int) views.get(views.firstKey()).shape()[0];
    float[][] condition = new float[0][];
    if (state.contains(CONDITION)) {
      Tensor vectors = state.get(CONDITION);
      int width = (int) vectors.shape()[1];
      condition = new float[count][];
      for (int i = 0; i < count; i++) {
        condition[i] = Arrays.copyOfRange(vectors.values(), i * width, (i + 1) * width);
      }
    }
    add(new FeatureBatch(count, new NamedTensors(views), condition));
  }
}
