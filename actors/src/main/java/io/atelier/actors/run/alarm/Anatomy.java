package io.atelier.actors.run.alarm;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where the time of groups goes between the queue and trained weights. Pure. */
public final class Anatomy {

  /** Number of last groups that are considered. */
  public static final int GROUPS = 50;

  /** Share of waiting in a group's time above which the sentence names the waiting. */
  static final double WAITS = 0.25;

  /** Phases of a group in order, with what it does or waits for in each. */
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
   * One phase.
   *
   * @param seconds mean over all groups
   * @param share of the whole time, 0..1
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
   * All phases whose time is known, in order.
   *
   * @param groups seconds by phase, for each group
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
   * What takes most of the time, for a run whose worker idle times are not known; empty if no time
   * is known.
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
