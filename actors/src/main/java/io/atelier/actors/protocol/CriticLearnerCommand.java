package io.atelier.actors.protocol;

import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.reward.GroupFeatures;
import java.util.List;
import java.util.SortedMap;

/** What the critic learner is told. */
public sealed interface CriticLearnerCommand {

  /**
   * Train a step, on features in slot order; one that was trained before is not trained again.
   *
   * @param amended values that are others in this step than in the configuration, by key
   */
  record Train(int step, List<BlobRef> features, SortedMap<String, Double> amended)
      implements CriticLearnerCommand {}

  /** Hand over the state between two steps. */
  record Capture(int step) implements CriticLearnerCommand {}

  record Arrived(int step, List<GroupFeatures> groups) implements CriticLearnerCommand {}

  record Failed(RuntimeException cause) implements CriticLearnerCommand {}
}
