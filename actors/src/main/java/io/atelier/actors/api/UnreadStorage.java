package io.atelier.actors.api;

import io.atelier.actors.config.TrainConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.tensor.SafetensorsWeights;
import io.atelier.models.tensor.StorageType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Types of storage that are set and change no weight of the model. */
final class UnreadStorage {

  private static final Logger LOG = LoggerFactory.getLogger(UnreadStorage.class);

  private UnreadStorage() {}

  static void warn(TrainConfig config, PipelineFolder folder, PipelineFolder measured) {
    lines(config, folder, measured).forEach(LOG::warn);
  }

  /**
   * A line for each part that stays as it is.
   *
   * @param folder as rollout and learner load it
   * @param measured as the evaluation loads it
   */
  static List<String> lines(TrainConfig config, PipelineFolder folder, PipelineFolder measured) {
    List<String> network = MemoryPlan.frozenNetwork(config);
    List<String> lines = new ArrayList<>();
    StorageType drawn = folder.types().network();
    unread("rollout and learner", folder, network, drawn).ifPresent(lines::add);
    if (measured.types().network() != drawn) {
      unread("evaluation", measured, network, measured.types().network()).ifPresent(lines::add);
    }
    unread("text", folder, folder.textEncoders(), folder.types().text()).ifPresent(lines::add);
    return lines;
  }

  private static Optional<String> unread(
      String role, PipelineFolder folder, List<String> parts, StorageType storage) {
    if (storage == StorageType.STORED || parts.stream().anyMatch(folder::isConverted)) {
      return Optional.empty();
    }
    return Optional.of(
        "placement: storage %s changes no weight of %s for %s: its files are like that, or no matrix takes %d KiB in half precision; leave it out"
            .formatted(storage, folder.root(), role, SafetensorsWeights.STORED_FROM >> 10));
  }
}
