package io.atelier.actors.people;

import io.atelier.actors.people.Vote.Comparison;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What votes come to: of each two policies a row for all people, and one for each. Pure. */
public final class VoteTable {

  private VoteTable() {}

  /**
   * One row.
   *
   * @param a policy whose wins are counted, in words
   * @param b the other one
   * @param who voted; empty for all people together
   * @param share of a; repeats are not in it
   * @param repeats pairs that were shown again with sides swapped
   * @param same those of which the same was said again
   */
  public record Row(
      String a, String b, Optional<String> who, WinShare share, int repeats, int same) {}

  private record Asked(Comparison comparison, String who, int number) {}

  /** The votes that count: of two about one showing to one person the later one. */
  public static List<Vote> counted(List<Vote> votes) {
    Map<Asked, Vote> last = new LinkedHashMap<>();
    votes.forEach(vote -> last.put(new Asked(vote.comparison(), vote.who(), vote.number()), vote));
    return List.copyOf(last.values());
  }

  /** Rows in the order in which the policies were first compared; people likewise. */
  public static List<Row> of(List<Vote> votes) {
    Map<Comparison, Map<String, List<Vote>>> all = new LinkedHashMap<>();
    for (Vote vote : counted(votes)) {
      all.computeIfAbsent(vote.comparison(), added -> new LinkedHashMap<>())
          .computeIfAbsent(vote.who(), added -> new ArrayList<>())
          .add(vote);
    }
    List<Row> rows = new ArrayList<>();
    for (Map<String, List<Vote>> people : all.values()) {
      rows.add(row(Optional.empty(), people.values()));
      if (people.size() > 1) {
        people.forEach((who, own) -> rows.add(row(Optional.of(who), List.of(own))));
      }
    }
    return rows;
  }

  private static Row row(Optional<String> who, Collection<List<Vote>> people) {
    Map<String, Integer> said = new LinkedHashMap<>();
    int repeats = 0;
    int same = 0;
    Vote some = people.iterator().next().get(0);
    for (List<Vote> own : people) {
      Map<Integer, String> before = new LinkedHashMap<>();
      own.forEach(vote -> before.put(vote.number(), vote.better()));
      for (Vote vote : own) {
        if (!vote.isRepeat()) {
          said.merge(vote.better(), 1, Integer::sum);
        } else if (before.containsKey(vote.repeats())) {
          repeats++;
          same += before.get(vote.repeats()).equals(vote.better()) ? 1 : 0;
        }
      }
    }
    WinShare share =
        new WinShare(
            said.getOrDefault(Vote.A, 0),
            said.getOrDefault(Vote.B, 0),
            said.getOrDefault(Vote.TIE, 0));
    return new Row(some.a().policy(), some.b().policy(), who, share, repeats, same);
  }
}
