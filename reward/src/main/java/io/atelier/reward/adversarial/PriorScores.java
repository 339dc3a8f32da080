package io.atelier.reward.adversarial;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.vision.ImageSource;
import io.atelier.reward.Reward;
import io.atelier.reward.Reward.Outcome;
import io.atelier.reward.Reward.RetryLater;
import io.atelier.reward.Reward.Scored;
import io.atelier.reward.Reward.Unscorable;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A prior's scores of references under prompts. Scores of references under their own prompt are
 * cached. Not thread-safe.
 */
final class PriorScores implements AutoCloseable {

  private final Reward reward;
  private final List<Prompt> order;
  private final Map<Integer, Prompt> prompts = new HashMap<>();
  private final ImageSource images;
  private final Map<Integer, Integer> owners;
  private final Map<Integer, Float> known = new HashMap<>();

  /**
   * @param owners index of the prompt of each reference; references without a prompt are left out
   */
  PriorScores(Prior prior, ImageSource images, Map<Integer, Integer> owners) {
    this.order = prior.prompts();
    order.forEach(prompt -> prompts.put(prompt.index(), prompt));
    this.images = images;
    this.owners = owners;
    this.reward = prior.reward().get();
  }

  /** Returns the prompt of each reference; for one without a prompt, any, selected by its index. */
  int[] owners(int[] places) {
    int[] labels = new int[places.length];
    for (int i = 0; i < labels.length; i++) {
      Integer owner = owners.get(places[i]);
      labels[i] = owner != null ? owner : order.get(places[i] % order.size()).index();
    }
    return labels;
  }

  /**
   * Returns raw scores, (n, 1).
   *
   * @param places indices of references
   * @param labels index of the prompt of each
   * @throws PriorException naming the reference that the prior cannot score
   */
  Tensor of(int[] places, int[] labels) {
    float[] scores = new float[NamedTensors.elements(places.length, 1)];
    for (int i = 0; i < scores.length; i++) {
      int place = places[i];
      Prompt prompt = prompts.get(labels[i]);
      scores[i] =
          Integer.valueOf(labels[i]).equals(owners.get(place))
              ? known.computeIfAbsent(place, own -> score(own, prompt))
              : score(place, prompt);
    }
    return new Tensor(new long[] {scores.length, 1}, scores);
  }

  private float score(int place, Prompt prompt) {
    ImageGroup alone =
        new ImageGroup(new GroupId(place, 0), prompt, images.get(place), 0, "reference");
    Outcome outcome;
    try {
      outcome = Prior.score(reward, alone);
    } catch (RuntimeException e) {
      throw new PriorException(reward.name(), place, prompt, String.valueOf(e.getMessage()), e);
    }
    if (outcome instanceof Scored scored) {
      return scored.total()[0];
    }
    String reason =
        outcome instanceof RetryLater later ? later.reason() : ((Unscorable) outcome).reason();
    throw new PriorException(reward.name(), place, prompt, reason, null);
  }

  @Override
  public void close() {
    reward.close();
  }
}
