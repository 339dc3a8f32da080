package io.atelier.actors.api.plan;

import io.atelier.actors.compute.Captions;
import io.atelier.actors.config.reward.PlainReward;
import io.atelier.actors.config.reward.RewardConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.reward.ocr.OcrReward;
import io.atelier.reward.ocr.OcrTarget;
import io.atelier.reward.verifier.ColourVerifier;
import io.atelier.reward.verifier.CountVerifier;
import io.atelier.reward.verifier.FrameVerifier;
import io.atelier.reward.verifier.Verifier;
import io.atelier.rollout.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Rewards that apply to some prompts only; the prompts alone decide to which. */
public final class Checks {

  /** How many of the things that prompts ask for are listed; the others are counted. */
  private static final int NAMED = 8;

  private Checks() {}

  /** The verifier of a kind, if it has one. */
  public static Optional<Verifier> verifier(PlainReward.Kind kind) {
    return switch (kind) {
      case COLOUR -> Optional.of(new ColourVerifier());
      case COUNT -> Optional.of(new CountVerifier());
      case FRAME -> Optional.of(new FrameVerifier());
      case SHARPNESS, SIMILARITY, DIVERSITY -> Optional.empty();
    };
  }

  /**
   * Checks that a verifier applies to the prompts of a run. A graph defines what counts where it
   * does not apply; in a sum such prompts would have different rewards from all others.
   *
   * @param prompts the training prompts
   * @throws InvalidConfigException naming the first prompt to which it does not apply, without a
   *     graph or if it applies to none
   */
  public static void requireApplies(
      Verifier verifier, RewardConfig reward, List<Prompt> prompts, String source) {
    List<Prompt> without =
        prompts.stream().filter(prompt -> verifier.check(prompt).isEmpty()).toList();
    if (without.isEmpty() || reward.graph().isPresent() && without.size() < prompts.size()) {
      return;
    }
    throw new InvalidConfigException(
        ("reward.%s: it does not apply to %d of %d prompts of data.prompts %s, such as"
                + " \"%s\", which %s; %s")
            .formatted(
                verifier.name(),
                without.size(),
                prompts.size(),
                source,
                Captions.beginning(without.get(0).text()),
                verifier.lacking(),
                reward.graph().isPresent()
                    ? "take it out of reward.graph"
                    : "take other prompts, or name it in a reward.graph, which says what counts"
                        + " where it does not apply"));
  }

  /**
   * A line for each scored reward that may not apply, with the number of prompts it applies to, and
   * what they ask for.
   *
   * @param prompts the training prompts
   */
  public static List<String> lines(RewardConfig reward, List<Prompt> prompts) {
    List<String> lines = new ArrayList<>();
    for (PlainReward part : reward.scoredPlain()) {
      verifier(part.kind())
          .ifPresent(
              verifier -> {
                List<String> asked =
                    prompts.stream()
                        .flatMap(prompt -> verifier.check(prompt).stream())
                        .map(Verifier.Check::asked)
                        .toList();
                lines.add(line(verifier.name(), asked.size(), prompts) + ": " + counted(asked));
              });
    }
    if (reward.scoresOcr()) {
      long asked = prompts.stream().filter(p -> OcrTarget.of(p.text()).isPresent()).count();
      lines.add(line(OcrReward.NAME, asked, prompts) + ", which name a text");
    }
    return lines;
  }

  private static String line(String name, long asked, List<Prompt> prompts) {
    return "%s applies to %d of %d prompts".formatted(name, asked, prompts.size());
  }

  /** Counts what is asked for, most frequent first. */
  private static String counted(List<String> asked) {
    Map<String, Long> counts =
        asked.stream()
            .collect(Collectors.groupingBy(word -> word, TreeMap::new, Collectors.counting()));
    String named =
        counts.entrySet().stream()
            .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
            .limit(NAMED)
            .map(entry -> "%s %d".formatted(entry.getKey(), entry.getValue()))
            .collect(Collectors.joining(", "));
    return counts.size() <= NAMED
        ? named
        : "%s and %d others".formatted(named, counts.size() - NAMED);
  }
}
