package io.atelier.reward.adversarial;

import io.atelier.models.encoder.ClipTail;
import io.atelier.models.encoder.ClipTextSide;
import io.atelier.models.encoder.ClipTrunk;
import io.atelier.models.state.Held;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.reward.GroupFeatures;
import io.atelier.reward.clip.TextImageReward.Formula;
import io.atelier.rollout.ImageGroup;
import java.util.Map;
import java.util.Optional;

/**
 * PickScore with the last layers trained by a {@link PickScoreCritic}: {@code e^s cos / 26}.
 * Features returned for training: {@code tokens} (image, token, channel) before these layers, and
 * {@code text} (image, channel), the prompt's unit vector, the same for all.
 */
public final class PickScoreReward implements AdversarialReward {

  static final String TOKENS = "tokens";
  static final String TEXT = "text";

  private final ClipTrunk trunk;
  private final ClipTail tail;
  private final ClipTextSide texts;
  private Optional<NamedTensors> held = Optional.empty();

  /** Takes ownership of all three. */
  PickScoreReward(ClipTrunk trunk, ClipTail tail, ClipTextSide texts) {
    this.trunk = trunk;
    this.tail = tail;
    this.texts = texts;
  }

  @Override
  public Held load(NamedTensors critic) {
    tail.load(critic);
    NamedTensors before = held.orElseGet(() -> new NamedTensors(Map.of()));
    NamedTensors now = tail.weights();
    held = Optional.of(now);
    return Held.of(before, now);
  }

  @Override
  public NamedTensors weights() {
    return held.orElseThrow(
        () -> new IllegalStateException("no critic weights were loaded before scoring"));
  }

  @Override
  public Judged judge(ImageGroup group, Runnable encoded) {
    weights(); // fails if there are none
    Tensor tokens = trunk.tokens(group.images());
    encoded.run();
    float[] text = texts.unit(group.prompt().text());
    float[] scores = scores(tail.cosines(tokens, text), tail.scale());
    int count = scores.length;
    float[] repeated = new float[NamedTensors.elements(count, text.length)];
    for (int i = 0; i < count; i++) {
      System.arraycopy(text, 0, repeated, i * text.length, text.length);
    }
    NamedTensors features =
        new NamedTensors(
            Map.of(TOKENS, tokens, TEXT, new Tensor(new long[] {count, text.length}, repeated)));
    return new Judged(
        new Scored(scores, Map.of()),
        Optional.of(new GroupFeatures(group.id(), group.prompt(), features)));
  }

  /** Computes the reward of images from their cosines. */
  private static float[] scores(float[] cosines, double scale) {
    float[] scores = new float[cosines.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (float) Formula.PICKSCORE.of(cosines[i], scale);
    }
    return scores;
  }

  @Override
  public void close() {
    texts.close();
    tail.close();
    trunk.close();
  }
}
