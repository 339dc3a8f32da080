package io.atelier.actors.api.assembly;

import io.atelier.actors.compute.Captions;
import io.atelier.actors.config.TrainConfig;
import io.atelier.models.encoder.ClipFolder;
import io.atelier.models.encoder.Encoders;
import io.atelier.models.text.ClipTokenizer;
import io.atelier.rollout.Prompt;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CLIPs that the rewards of a configuration use, each opened and checked once, however many
 * rewards name it: a complete one has gigabytes.
 */
public final class ClipFolders {

  private static final Logger LOG = LoggerFactory.getLogger(ClipFolders.class);

  private final TrainConfig config;
  private final List<Prompt> prompts;
  private final Optional<Encoders.Found> judge;
  private final Map<String, ClipFolder> open = new HashMap<>();

  /**
   * @param prompts the training prompts
   * @param judge encoder of the evaluation, if there is one
   */
  ClipFolders(TrainConfig config, List<Prompt> prompts, Optional<Encoders.Found> judge) {
    this.config = config;
    this.prompts = prompts;
    this.judge = judge;
  }

  /**
   * A CLIP, all of whose weights have been checked to be finite.
   *
   * @param key of the reward's section that names it, for messages
   * @throws IllegalArgumentException if it is not a CLIP, or is the network that the evaluation
   *     uses
   */
  ClipFolder of(String key, String path) {
    ClipFolder folder = open.computeIfAbsent(path, ClipFolders::opened);
    judge.ifPresent(other -> requireOther(key, path, folder, other));
    return folder;
  }

  private static ClipFolder opened(String path) {
    ClipFolder folder = ClipFolder.open(Path.of(path));
    folder.requireFinite();
    return folder;
  }

  private void requireOther(String key, String path, ClipFolder folder, Encoders.Found judge) {
    if (!Collections.disjoint(Encoders.weights(folder.files()), judge.weights())) {
      throw new IllegalArgumentException(
          "%s %s is the same network as evaluation.encoder, which is %s; name another for one of them"
              .formatted(key, path, config.evaluation().encoder().name()));
    }
  }

  /**
   * Warns about prompts that are too long; like the reference implementation, only their beginning
   * is read.
   *
   * @param section of the reward, for the message
   */
  void sayWhatIsCut(String section, ClipFolder folder) {
    ClipTokenizer tokenizer = folder.tokenizer();
    int room = folder.text().positions();
    List<Prompt> cut =
        prompts.stream().filter(prompt -> !tokenizer.fits(prompt.text(), room)).toList();
    if (!cut.isEmpty()) {
      LOG.warn(
          "{} reads the first {} tokens of a prompt: {} of {} prompts have more, such as"
              + " \"{}\"",
          section,
          room,
          cut.size(),
          prompts.size(),
          Captions.beginning(cut.get(0).text()));
    }
  }
}
