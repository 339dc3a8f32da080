package io.atelier.tests.toy;

import io.atelier.models.state.Held;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.vision.Images;
import io.atelier.rollout.Generator;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.PromptEmbeddings;
import io.atelier.rollout.Trajectory;
import java.util.List;
import java.util.Map;

/** Draws images that depend on every bit of the policy, the group's name and the prompt. */
public class ToyGenerator implements Generator {
  private static final int SAMPLES = 2;
  private static final int LATENT = 4;
  private static final int STEPS = 2;

  private final boolean completions;
  private NamedTensors policy = new NamedTensors(Map.of());

  public ToyGenerator() {
    this(false);
  }

  /**
   * @param completions whether there are images of the states before the trained steps, the first
   *     of which all samples share
   */
  public ToyGenerator(boolean completions) {
    this.completions = completions;
  }

  @Override
  public Held load(NamedTensors weights) {
    NamedTensors before = policy;
    policy = weights;
    return Held.of(before, weights);
  }

  @Override
  public Sampled sample(GroupId id, Prompt prompt) {
    Bits bits =
        new Bits(1)
            .add(policy)
            .add(id.step())
            .add(id.slot())
            .add(prompt.index())
            .add(prompt.text());
    Images images = new Images(SAMPLES, 2, 2, bits.bytes(SAMPLES * 12));
    int values = (STEPS + 1) * SAMPLES * LATENT;
    Trajectory trajectory =
        new Trajectory(
            new int[] {0, 1},
            new int[] {1, 2, 2},
            bits.floats(values),
            new float[0],
            bits.floats(STEPS * SAMPLES),
            PromptEmbeddings.NONE);
    List<Images> states =
        completions
            ? List.of(
                new Images(1, 2, 2, bits.bytes(12)),
                new Images(SAMPLES, 2, 2, bits.bytes(SAMPLES * 12)))
            : List.of();
    return new Sampled(images, states, trajectory);
  }

  @Override
  public void close() {}
}
