package io.atelier.actors.rewards;

import io.atelier.reward.judge.Match;
import io.atelier.rollout.GroupId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * One answer of a judge, for the record.
 *
 * @param judge name of the reward
 * @param reversed whether the second image was shown first
 * @param vote number of the answer among those to the same question, from 0
 * @param firstBetter probability that the first image of the match is better; empty for none
 * @param text what the judge wrote
 */
record Judgement(
    String judge,
    GroupId group,
    String prompt,
    Match match,
    boolean reversed,
    int vote,
    OptionalDouble firstBetter,
    String text) {

  /** Most characters of a text that are kept. */
  static final int LONGEST = 2000;

  /** Returns the JSON object that is written to a file. */
  Map<String, Object> line() {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", group.step() + 1);
    line.put("group", group.toString());
    line.put("judge", judge);
    line.put("prompt", prompt);
    line.put("pair", List.of(match.first(), side(match.second())));
    line.put("order", reversed ? "reversed" : "forward");
    line.put("vote", vote);
    line.put("verdict", verdict());
    line.put("probability", firstBetter.isPresent() ? firstBetter.getAsDouble() : null);
    line.put("rationale", shortened(text));
    return line;
  }

  private static Object side(int place) {
    return place == Match.ANCHOR ? "anchor" : place;
  }

  private Object verdict() {
    if (firstBetter.isEmpty()) {
      return "none";
    }
    double share = firstBetter.getAsDouble();
    return share > 0.5 ? match.first() : share < 0.5 ? side(match.second()) : "equal";
  }

  private static String shortened(String text) {
    String all = text.strip();
    if (all.length() <= LONGEST) {
      return all;
    }
    int end = Character.isHighSurrogate(all.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
    return all.substring(0, end) + "...";
  }
}
