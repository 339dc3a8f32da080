package io.atelier.tests.simulation;

import io.atelier.rollout.GroupId;
import java.util.ArrayList;
import java.util.List;

/**
 * What a run computes, without any of the machinery: weights, images and scores as digests, and the
 * whole of a strict run as one loop. The weights of version v are those after v steps.
 */
final class Model {
  private static final long POLICY = 1;
  private static final long CRITIC = 2;

  final List<Long> policy = new ArrayList<>();
  final List<Long> critic = new ArrayList<>();

  Model(long seed) {
    policy.add(Mix.of(seed, POLICY));
    critic.add(Mix.of(seed, CRITIC));
  }

  static long images(GroupId id, int attempt, long policyWeights) {
    return Mix.of(id.step(), id.slot(), attempt, policyWeights);
  }

  static long scores(long images, long criticWeights) {
    return Mix.of(images, criticWeights);
  }

  /** The next policy: every group's images and scores count, in order. */
  static long policyUpdate(long before, List<Long> images, List<Long> scores) {
    long state = before;
    for (int i = 0; i < images.size(); i++) {
      state = Mix.of(state, images.get(i), scores.get(i));
    }
    return state;
  }

  static long criticUpdate(long before, List<Long> images) {
    long state = before;
    for (long image : images) {
      state = Mix.of(state, image);
    }
    return state;
  }

  /** Forgets what came after a checkpoint. */
  void rewind(int step) {
    policy.subList(step + 1, policy.size()).clear();
    critic.subList(Math.min(critic.size(), step + 1), critic.size()).clear();
  }

  /** The attempt at a group that is trained: one that can be scored and, if one is, is not flat. */
  private static int attempt(Plan plan, GroupId id) {
    int flats = 0;
    int attempt = 0;
    while (true) {
      boolean flat = flats < plan.flatReplacements() && plan.flat(id, attempt);
      if (!plan.unscorable(id, attempt) && !flat) {
        return attempt;
      }
      flats += plan.unscorable(id, attempt) ? 0 : 1;
      attempt++;
    }
  }

  /** The weights of every version of a run in which nothing can go wrong. */
  static Model reference(Plan plan) {
    Model model = new Model(plan.seed());
    for (int step = 0; step < plan.config().steps(); step++) {
      List<Long> images = new ArrayList<>();
      List<Long> scores = new ArrayList<>();
      for (int slot = 0; slot < plan.config().groupsPerStep(); slot++) {
        GroupId id = new GroupId(step, slot);
        int attempt = attempt(plan, id);
        int lag = plan.config().schedule().policyLag();
        int criticLag = plan.config().schedule().criticLag();
        images.add(images(id, attempt, model.policy.get(Math.max(0, step - lag))));
        int criticVersion = plan.config().critic() ? Math.max(0, step - criticLag) : 0;
        scores.add(scores(images.get(slot), model.critic.get(criticVersion)));
      }
      model.policy.add(policyUpdate(model.policy.get(step), images, scores));
      if (plan.config().critic()) {
        model.critic.add(criticUpdate(model.critic.get(step), images));
      }
    }
    return model;
  }
}
