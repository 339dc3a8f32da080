package io.atelier.actors.protocol;

import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.ledger.model.TrainingGroup;
import io.atelier.actors.report.TrainedRewards;
import io.atelier.learner.Gradient;
import io.atelier.learner.ScoredGroup;
import io.atelier.rollout.Prompt;
import java.util.List;
import java.util.SortedMap;

/** What the policy learner is told. */
public sealed interface PolicyLearnerCommand {

  /**
   * Train a step; one that was trained before is not trained again.
   *
   * @param shown whether its images with the highest and lowest rewards are wanted
   * @param amended values that are others in this step than in the configuration, by key
   */
  record Train(int step, List<Member> groups, boolean shown, SortedMap<String, Double> amended)
      implements PolicyLearnerCommand {}

  /** Hand over the state between two steps. */
  record Capture(int step) implements PolicyLearnerCommand {}

  /**
   * Compute the micro-batch at this place of the update at hand.
   *
   * @param next whether it is its turn, so that its gradient can be added where it is
   */
  record Compute(int index, boolean next) implements PolicyLearnerCommand {}

  /** Add the gradient of the next micro-batch of the update at hand. */
  record Add(Gradient gradient) implements PolicyLearnerCommand {}

  /**
   * The gradients of the update at hand are all added.
   *
   * @param remote micro-batches that gradient workers computed
   * @param workers gradient workers that are there
   */
  record Summed(int remote, int workers) implements PolicyLearnerCommand {}

  record Arrived(List<ScoredGroup> groups, List<BlobRef> trajectories, TrainedRewards rewards)
      implements PolicyLearnerCommand {}

  record Failed(RuntimeException cause) implements PolicyLearnerCommand {}

  /** A group of a step and its prompt. */
  record Member(TrainingGroup group, Prompt prompt) {}
}
