package io.atelier.actors.compute;

import io.atelier.actors.config.run.HeldOutShare;
import io.atelier.models.files.Sha256;
import io.atelier.models.vision.ImageSource;
import io.atelier.rollout.Prompt;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which prompts are trained on and which are measured on. It depends on no seed, so runs of other
 * seeds can be compared.
 *
 * @param trained prompts that are trained on
 * @param measured prompts that are measured on
 * @param overlap whether these are some of those, so that nothing is held out
 * @param fromFile whether what is measured on comes from a file of its own
 */
record PromptSplit(List<Prompt> trained, List<Prompt> measured, boolean overlap, boolean fromFile) {

  private static final Logger LOG = LoggerFactory.getLogger(PromptSplit.class);

  /** Of fewer prompts none are held out unless that is asked for: a tenth would be one. */
  private static final int FEW = 20;

  PromptSplit {
    trained = List.copyOf(trained);
    measured = List.copyOf(measured);
  }

  /**
   * Prompts that are in a random order already: the first are held out.
   *
   * @param most prompts to measure on, and to hold out where that is left to the program
   */
  static PromptSplit shuffled(List<Prompt> order, HeldOutShare share, int most) {
    if (share.file().isPresent()) {
      return withFile(order, share.file().get(), most);
    }
    if (share.isAuto() && (most < 2 || most > order.size() / 2)) {
      throw new IllegalArgumentException(
          "evaluation.prompts is %d; of the %d captions 2 to %d can be held out"
              .formatted(most, order.size(), order.size() / 2));
    }
    int count = share.isAuto() ? most : count(share, order.size());
    List<Prompt> measured = order.subList(0, Math.min(most, count == 0 ? order.size() : count));
    sayWhatIsNotMeasured(count, measured.size());
    return new PromptSplit(order.subList(count, order.size()), measured, count == 0, false);
  }

  /**
   * Prompts of a file: those are held out of whose texts the SHA-256 is smallest, so that a file
   * with some more lines, or in another order, holds out nearly the same. Prompts of the same text
   * fall on the same side.
   *
   * @param most prompts to measure on
   */
  static PromptSplit hashed(List<Prompt> prompts, HeldOutShare share, int most) {
    if (share.file().isPresent()) {
      return withFile(prompts, share.file().get(), most);
    }
    int automatic = prompts.size() < FEW ? 0 : Math.min(most, prompts.size() / 10);
    int count = share.isAuto() ? automatic : count(share, prompts.size());
    if (count == 0) {
      return new PromptSplit(prompts, first(prompts, most), true, false);
    }
    Set<Prompt> held = new HashSet<>(first(prompts, count));
    List<Prompt> trained = prompts.stream().filter(prompt -> !held.contains(prompt)).toList();
    if (trained.isEmpty()) {
      throw new IllegalArgumentException(
          "data.held-out is %s, which leaves none of %d prompts to train on; hold out fewer"
              .formatted(share, prompts.size()));
    }
    List<Prompt> rest = prompts.stream().filter(held::contains).toList();
    List<Prompt> measured = first(rest, most);
    sayWhatIsNotMeasured(rest.size(), measured.size());
    return new PromptSplit(trained, measured, false, false);
  }

  private static int count(HeldOutShare share, int size) {
    int count = share.of(size);
    if (!share.isNone() && (count < 2 || count >= size)) {
      throw new IllegalArgumentException(
          "data.held-out is %s, which is %d of %d prompts; hold out 2 to %d, or 0 for none"
              .formatted(share, count, size, size - 1));
    }
    return count;
  }

  private static PromptSplit withFile(List<Prompt> trained, Path file, int most) {
    if (Files.notExists(file)) {
      throw new IllegalArgumentException(
          "data.held-out: there is no file %s; name one with a prompt on each line, or give auto, a number, a share such as 0.1, or 0 for none"
              .formatted(file));
    }
    List<Prompt> own = CaptionFile.read("data.held-out", file);
    Set<String> texts = own.stream().map(Prompt::text).collect(Collectors.toSet());
    List<Prompt> left = trained.stream().filter(prompt -> !texts.contains(prompt.text())).toList();
    if (left.isEmpty()) {
      throw new IllegalArgumentException(
          "data.held-out: file %s has all prompts of data.prompts, which leaves none to train on; take some out of it"
              .formatted(file));
    }
    if (left.size() < trained.size()) {
      LOG.warn(
          "data.held-out: {} of {} prompts of data.prompts are in {} too, and are not trained on",
          trained.size() - left.size(),
          trained.size(),
          file);
    }
    // Numbers of their own: a number names a prompt's references.
    int after = trained.stream().mapToInt(Prompt::index).max().orElseThrow() + 1;
    List<Prompt> numbered = new ArrayList<>();
    own.forEach(p -> numbered.add(new Prompt(after + p.index(), p.text(), p.attributes())));
    List<Prompt> measured = first(numbered, most);
    sayWhatIsNotMeasured(numbered.size(), measured.size());
    return new PromptSplit(left, measured, false, true);
  }

  private static void sayWhatIsNotMeasured(int held, int measured) {
    if (held > measured) {
      LOG.warn(
          "data.held-out: {} prompts are held out, of which {} are measured on, as evaluation.prompts has it; the others are of no use",
          held,
          measured);
    }
  }

  /** Those with the smallest hashes, and all of the same text as the last, in the order given. */
  private static List<Prompt> first(List<Prompt> prompts, int count) {
    if (count >= prompts.size()) {
      return prompts;
    }
    Map<String, String> hashes =
        prompts.stream()
            .map(Prompt::text)
            .distinct()
            .collect(Collectors.toMap(Function.identity(), Sha256::of));
    List<String> order =
        prompts.stream()
            .map(prompt -> hashes.get(prompt.text()))
            .sorted(Comparator.naturalOrder())
            .toList();
    String last = order.get(count - 1);
    return prompts.stream().filter(p -> hashes.get(p.text()).compareTo(last) <= 0).toList();
  }

  /**
   * What the policy is measured on.
   *
   * @param owners see {@link TrainingData.HeldOutData}
   */
  TrainingData.HeldOutData heldOut(
      ImageSource references, List<Integer> owners, Optional<TrainingData.PackStyle> style) {
    return new TrainingData.HeldOutData(measured, overlap, references, owners, style);
  }
}
