package io.atelier.actors.run.alarm;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where the time of groups went on their way from the queue to trained weights. Pure. */
public final class Anatomy {

  /** Groups that are looked at, the last ones. */
  public static final int GROUPS = 50;

  /** Share of a group's time that it may wait before waiting is what is to be said of it. */
  static final double WAITS = 0.25;

  /** Parts of a group's way in their order, with what it does or waits for in each. */
  private static final Map<String, String> PARTS = new LinkedHashMap<>();

  static {
    PARTS.put("queue", "for a rollout worker");
    PARTS.put("generate", "sampling");
    PARTS.put("hold", "for a reward worker");
    PARTS.put("transfer", "sending its images");
    PARTS.put("encode", "encoding");
    PARTS.put("score", "scoring");
    PARTS.put("wait", "for the other groups of its step, or the step before");
    PARTS.put("train", "training");
  }

  /**
   * One part of the way.
   *
   * @param seconds mean of all groups
   * @param share of the whole way, 0..1
   */
  public record Part(String name, double seconds, double share) {
    private boolean waits() {
      return PARTS.get(name).startsWith("for ");
    }

    private String text() {
      return Alarms.text("%s (%.0f%%)", PARTS.get(name), 100 * share);
    }
  }

  private Anatomy() {}

  /**
   * All parts of which something is known, in the order of the way.
   *
   * @param groups seconds by part, of each group
   */
  public static List<Part> parts(List<Map<String, Double>> groups) {
    Map<String, Double> means = new LinkedHashMap<>();
    for (String name : PARTS.keySet()) {
      groups.stream()
          .filter(group -> group.containsKey(name))
          .mapToDouble(group -> group.get(name))
          .average()
          .ifPresent(mean -> means.put(name, mean));
    }
    double whole = means.values().stream().mapToDouble(Double::doubleValue).sum();
    List<Part> parts = new ArrayList<>();
    means.forEach((name, mean) -> parts.add(new Part(name, mean, whole > 0 ? mean / whole : 0)));
    return parts;
  }

  /**
   * What most of the way goes into, for a run of which it is not known how busy its workers are;
   * empty if no time is known.
   */
  public static Optional<String> sentence(List<Part> parts) {
    double whole = parts.stream().mapToDouble(Part::seconds).sum();
    if (whole <= 0) {
      return Optional.empty();
    }
    double waits = parts.stream().filter(Part::waits).mapToDouble(Part::share).sum();
    Optional<Part> longest = longest(parts, waits > WAITS);
    return longest.map(
        part ->
            part.waits()
                ? Alarms.text(
                    "a group waits %.0f%% of its %.1f s, most of that %s",
                    100 * waits, whole, part.text())
                : Alarms.text(
                    "most of a group's %.1f s is %s; it waits %.0f%% of the time",
                    whole, part.text(), 100 * waits));
  }

  private static Optional<Part> longest(List<Part> parts, boolean waiting) {
    return parts.stream()
        .filter(part -> part.waits() == waiting)
        .max(Comparator.comparing(Part::share));
  }
}
