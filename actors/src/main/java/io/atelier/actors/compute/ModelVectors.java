package io.atelier.actors.compute;

import io.atelier.models.cache.CacheFolder;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.reward.adversarial.PromptVectors;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.sampler.PooledTexts;
import io.atelier.rollout.sampler.TextEncoders;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** Vectors of any prompts: the model's own pooled text vectors. Thread-safe. */
public final class ModelVectors implements PromptVectors {

  private final Map<Integer, String> texts = new HashMap<>();
  private final PooledTexts pooled;

  /** Whether the encoders are small and have yet to encode all prompts, which takes no time. */
  private final AtomicBoolean all;

  /**
   * Loads nothing yet.
   *
   * @param prompts those that may be asked for
   */
  public ModelVectors(PipelineFolder model, List<Prompt> prompts) {
    prompts.forEach(prompt -> texts.put(prompt.index(), prompt.text()));
    this.pooled = new PooledTexts(model, ComputeFactory.T5_LENGTH, CacheFolder.get());
    this.all = new AtomicBoolean(TextEncoders.stayInMemory(model));
  }

  /** Values of a vector. */
  public int width() {
    return pooled.width();
  }

  @Override
  public float[] of(int prompt) {
    if (all.getAndSet(false)) {
      pooled.prepare(List.copyOf(texts.values()));
    }
    return pooled.of(texts.get(prompt));
  }

  @Override
  public void prepare(int[] prompts) {
    pooled.prepare(Arrays.stream(prompts).mapToObj(texts::get).toList());
  }
}
