package io.atelier.reward.sum;

import io.atelier.models.state.Held;
import io.atelier.models.state.NamedTensors;
import io.atelier.reward.GroupFeatures;
import io.atelier.reward.GroupScorer;
import io.atelier.reward.PlaceLogits;
import io.atelier.reward.Reward;
import io.atelier.reward.Reward.Absent;
import io.atelier.reward.Reward.Outcome;
import io.atelier.reward.Reward.RetryLater;
import io.atelier.reward.Reward.Scored;
import io.atelier.reward.Reward.Unscorable;
import io.atelier.reward.RewardException;
import io.atelier.reward.adversarial.AdversarialReward;
import io.atelier.reward.adversarial.Critics;
import io.atelier.reward.clip.Clips;
import io.atelier.rollout.ImageGroup;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Adds up rewards. A group that some reward cannot score, or to which none applies, is unscorable;
 * one that some reward may score later is retried; otherwise the score is the sum over the rewards
 * that apply.
 */
final class WeightedScorer implements GroupScorer {

  record Summand(String name, double weight, Reward reward) {}

  private final List<Summand> summands;
  private final Clips clips;
  private final List<String> critics;

  /**
   * @param clips encoders of the rewards; closed with this
   */
  WeightedScorer(List<Summand> summands, Clips clips) {
    this.clips = clips;
    this.summands = List.copyOf(summands);
    this.critics =
        summands.stream()
            .filter(summand -> summand.reward() instanceof AdversarialReward)
            .map(Summand::name)
            .toList();
  }

  @Override
  public Held load(NamedTensors critic) {
    if (critics.isEmpty()) {
      if (!critic.names().isEmpty()) {
        throw new IllegalArgumentException(
            "critic weights arrived, but no reward of this run learns: check that all nodes have the"
                + " same reward");
      }
      return Held.of(critic, critic);
    }
    int changed = 0;
    Map<String, NamedTensors> held = new LinkedHashMap<>();
    for (Summand summand : summands) {
      if (summand.reward() instanceof AdversarialReward judge) {
        Held own = judge.load(Critics.part(critics, critic, summand.name()));
        if (Critics.isAlone(critics)) {
          return own; // its hash is that of the whole
        }
        changed += own.changed();
        held.put(summand.name(), judge.weights());
      }
    }
    return new Held(Critics.joined(critics, held).contentHash(), changed);
  }

  @Override
  public Result score(ImageGroup group, Runnable encoded) {
    float[] total = new float[group.images().count()];
    float[] places = {};
    Map<String, float[]> parts = new LinkedHashMap<>();
    Map<String, NamedTensors> features = new LinkedHashMap<>();
    SortedMap<String, SortedMap<String, PlaceLogits>> judged = new TreeMap<>();
    Optional<Outcome> retry = Optional.empty();
    List<String> absent = new ArrayList<>();
    for (Summand summand : summands) {
      Outcome outcome;
      try {
        if (summand.reward() instanceof AdversarialReward judge) {
          AdversarialReward.Judged own = judge.judge(group, encoded);
          own.features().ifPresent(of -> features.put(summand.name(), of.features()));
          if (!own.places().isEmpty()) {
            judged.put(summand.name(), own.places());
          }
          outcome = own.outcome();
        } else {
          outcome = summand.reward().score(group);
        }
      } catch (RuntimeException e) {
        throw new RewardException(summand.name(), group.id(), String.valueOf(e.getMessage()), e);
      }
      if (outcome instanceof Unscorable none) {
        return new Result(
            new Unscorable("%s: %s".formatted(summand.name(), none.reason())), Optional.empty());
      }
      if (outcome instanceof Absent none) {
        absent.add("%s: %s".formatted(summand.name(), none.reason()));
      }
      if (outcome instanceof RetryLater later) {
        retry = Optional.of(new RetryLater("%s: %s".formatted(summand.name(), later.reason())));
      }
      if (outcome instanceof Scored scored) {
        add(summand, scored, group, total, parts);
        places = scored.places().length > 0 ? scored.places() : places; // at most one has any
      }
    }
    if (retry.isPresent()) {
      return new Result(retry.get(), Optional.empty());
    }
    return parts.isEmpty()
        ? new Result(
            new Unscorable("no reward applies: " + String.join("; ", absent)), Optional.empty())
        : new Result(new Scored(total, parts, places), forCritics(group, features), judged);
  }

  private Optional<GroupFeatures> forCritics(ImageGroup group, Map<String, NamedTensors> features) {
    return features.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new GroupFeatures(group.id(), group.prompt(), Critics.joined(critics, features)));
  }

  private static void add(
      Summand summand, Scored scored, ImageGroup group, float[] total, Map<String, float[]> parts) {
    if (scored.total().length != total.length) {
      throw new RewardException(
          summand.name(),
          group.id(),
          "%d scores for %d images".formatted(scored.total().length, total.length),
          null);
    }
    for (int i = 0; i < total.length; i++) {
      total[i] += (float) (summand.weight() * scored.total()[i]);
    }
    parts.put(summand.name(), scored.total());
    scored.parts().forEach((name, values) -> parts.put(summand.name() + "/" + name, values));
  }

  @Override
  public void close() {
    summands.forEach(s -> s.reward().close());
    clips.close();
  }
}
