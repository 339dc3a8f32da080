package io.atelier.actors.rewards;

import io.atelier.actors.config.reward.JudgeConfig.Question;
import java.util.ArrayList;
import java.util.List;

/**
 * One call of a judge.
 *
 * @param match index of the match among those of its group
 * @param reversed whether its second image is shown as image A
 * @param vote number of the answer, from 0
 */
record Asked(int match, boolean reversed, int vote) {

  /** Returns all calls of a group. */
  static List<Asked> all(int matches, Question question) {
    List<Asked> asked = new ArrayList<>();
    for (int match = 0; match < matches; match++) {
      for (int vote = 0; vote < question.votes(); vote++) {
        asked.add(new Asked(match, false, vote));
        if (question.bothOrders()) {
          asked.add(new Asked(match, true, vote));
        }
      }
    }
    return asked;
  }
}
