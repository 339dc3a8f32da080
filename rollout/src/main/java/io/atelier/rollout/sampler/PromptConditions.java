package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.atelier.models.tensor.Torch;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A cache of text features by prompt, which keeps the most recently used. Every prompt is encoded
 * alone, so its features do not depend on other prompts. Not thread-safe.
 */
public final class PromptConditions implements AutoCloseable {

  private record Entry(NDManager owner, Conditions conditions) {}

  private final NDManager scope;
  private final TextFeatures text;
  private final boolean guided;
  private final int capacity;
  private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * @param guided whether the empty prompt's row is put first
   * @param capacity prompts that are kept, at least 1
   */
  public PromptConditions(NDManager parent, TextFeatures text, boolean guided, int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException(
          "a prompt cache holds at least 1 prompt, got %d".formatted(capacity));
    }
    this.scope = parent.newSubManager();
    this.text = text;
    this.guided = guided;
    this.capacity = capacity;
  }

  /** The conditions of one prompt; valid until the next call. */
  public Conditions of(String prompt) {
    Entry entry = entries.get(prompt);
    if (entry == null) {
      evictDownTo(capacity - 1);
      entry = Torch.withGradients(false, (Supplier<Entry>) () -> encode(prompt));
      entries.put(prompt, entry);
    }
    return entry.conditions();
  }

  private void evictDownTo(int size) {
    Iterator<Entry> oldestFirst = entries.values().iterator();
    while (entries.size() > size) {
      oldestFirst.next().owner().close();
      oldestFirst.remove();
    }
  }

  private Entry encode(String prompt) {
    List<String> rows = guided ? List.of("", prompt) : List.of(prompt);
    text.prepare(rows);
    NDManager owner = scope.newSubManager();
    try (NDManager work = owner.newSubManager()) {
      NDList contexts = new NDList();
      NDList pooled = new NDList();
      for (String row : rows) {
        TextFeatures.Encoded encoded = text.encode(work, row);
        contexts.add(encoded.context());
        pooled.add(encoded.pooled());
      }
      Conditions conditions =
          Conditions.of(1, NDArrays.concat(contexts, 0), NDArrays.concat(pooled, 0));
      conditions.context().attach(owner);
      conditions.pooled().attach(owner);
      return new Entry(owner, conditions);
    }
  }

  @Override
  public void close() {
    entries.clear();
    scope.close();
  }
}
