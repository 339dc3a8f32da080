package io.atelier.actors.api.plan;

import io.atelier.actors.config.TrainConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.tensor.SafetensorsWeights;
import io.atelier.models.tensor.StorageType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Storage types that are set but change no weight of the model. */
public final class UnreadStorage {

  private static final Logger LOG = LoggerFactory.getLogger(UnreadStorage.class);

  private UnreadStorage() {}

  public static void warn(TrainConfig config, PipelineFolder folder, PipelineFolder measured) {
    lines(config, folder, measured).forEach(LOG::warn);
  }

  /**
   * A line for each part that is not changed.
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

  /** The line for a command with one storage type, {@code --storage}, for all parts. */
  public static Optional<String> line(PipelineFolder folder) {
    List<String> parts = new ArrayList<>(List.of("vae", "transformer"));
    parts.addAll(folder.textEncoders());
    StorageType storage = folder.types().network();
    return isUnread(folder, parts, storage)
        ? Optional.of("--storage " + reason(folder, "", storage))
        : Optional.empty();
  }

  private static Optional<String> unread(
      String role, PipelineFolder folder, List<String> parts, StorageType storage) {
    return isUnread(folder, parts, storage)
        ? Optional.of("placement: storage " + reason(folder, " for " + role, storage))
        : Optional.empty();
  }

  private static boolean isUnread(PipelineFolder folder, List<String> parts, StorageType storage) {
    return storage != StorageType.STORED && parts.stream().noneMatch(folder::isConverted);
  }

  private static String reason(PipelineFolder folder, String role, StorageType storage) {
    return "%s changes no weight of %s%s: its files have that type already, or no matrix takes %d KiB in half precision; leave it out"
        .formatted(storage, folder.root(), role, SafetensorsWeights.STORED_FROM >> 10);
  }
}
