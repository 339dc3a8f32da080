package io.atelier.actors.report;

import io.atelier.reward.adversarial.AdversarialReward;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of the measurements that critics report about themselves. */
public final class CriticMeasurements {

  private static final Pattern NAME = Pattern.compile("critic/((?<critic>.+)/)?(?<measurement>.+)");

  private CriticMeasurements() {}

  /** The values of one measurement, by name of the critic. */
  public static SortedMap<String, Double> of(Map<String, Double> metrics, String measurement) {
    SortedMap<String, Double> values = new TreeMap<>();
    metrics.forEach(
        (name, value) -> {
          Matcher parts = NAME.matcher(name);
          if (parts.matches() && parts.group("measurement").equals(measurement)) {
            String critic = parts.group("critic");
            values.put(critic == null ? AdversarialReward.NAME : critic, value);
          }
        });
    return values;
  }
}
