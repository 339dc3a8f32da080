package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.atelier.models.tensor.Torch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Text features of several prompts for one network call. Every prompt is encoded alone, and once:
 * the features of the first prompts are kept. Not thread-safe.
 */
final class PromptRows {

  /** Prompts that are kept: with T5 each takes about 3 MB. */
  private static final int KEPT = 256;

  private final NDManager scope;
  private final TextFeatures text;
  private final Map<String, TextFeatures.Encoded> kept = new HashMap<>();

  /**
   * @param scope owns the kept features
   */
  PromptRows(NDManager scope, TextFeatures text) {
    this.scope = scope;
    this.text = text;
  }

  /**
   * The conditions of some prompts.
   *
   * @param work owns them
   * @param negative texts of the negative branch, whose rows come first: as many as prompts, or
   *     none without guidance
   */
  Conditions of(NDManager work, List<String> negative, List<String> prompts) {
    return Torch.withGradients(
        false, (Supplier<Conditions>) () -> conditions(work, negative, prompts));
  }

  private Conditions conditions(NDManager work, List<String> negative, List<String> prompts) {
    List<String> texts = new ArrayList<>(negative);
    texts.addAll(prompts);
    NDList contexts = new NDList();
    NDList pooled = new NDList();
    for (String text : texts) {
      TextFeatures.Encoded row = row(work, text);
      contexts.add(row.context());
      pooled.add(row.pooled());
    }
    Conditions all =
        Conditions.of(prompts.size(), NDArrays.concat(contexts, 0), NDArrays.concat(pooled, 0));
    all.context().attach(work);
    all.pooled().attach(work);
    return all;
  }

  private TextFeatures.Encoded row(NDManager work, String prompt) {
    TextFeatures.Encoded before = kept.get(prompt);
    if (before != null) {
      return before;
    }
    boolean keep = kept.size() < KEPT;
    try (NDManager steps = scope.newSubManager()) {
      TextFeatures.Encoded row = text.encode(steps, prompt);
      row.context().attach(keep ? scope : work);
      row.pooled().attach(keep ? scope : work);
      if (keep) {
        kept.put(prompt, row);
      }
      return row;
    }
  }
}
