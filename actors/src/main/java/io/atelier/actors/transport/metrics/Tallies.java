package io.atelier.actors.transport.metrics;

import static io.atelier.actors.transport.TransportLog.LOG;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counters of a data plane. Counting is thread-safe, refusing is for the agent thread. */
public final class Tallies {
  private static final long LOG_EVERY_NANOS = 1_000_000_000L;

  private final LongAdder[] counts = new LongAdder[Tally.values().length];
  private final long[] lastLog = new long[Tally.values().length];
  private final long[] logged = new long[Tally.values().length];

  public Tallies(long now) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] = new LongAdder();
      lastLog[i] = now - LOG_EVERY_NANOS;
    }
  }

  public void add(Tally tally, long amount) {
    counts[tally.ordinal()].add(amount);
  }

  long get(Tally tally) {
    return counts[tally.ordinal()].sum();
  }

  /** Counts something that is not let in, and says so at most once a second. */
  public void refuse(Tally tally, String from, String why, long now) {
    int i = tally.ordinal();
    counts[i].increment();
    if (now - lastLog[i] >= LOG_EVERY_NANOS) {
      long since = counts[i].sum() - logged[i];
      lastLog[i] = now;
      logged[i] += since;
      String line = (from + ": " + why).replaceAll("\\p{Cntrl}", "?"); // it may be forged
      LOG.warn("{} from {} ({} such since the last line)", name(tally), line, since);
    }
  }

  /** All counts by name, such as {@code refused-key}. */
  public Map<String, Long> asMap() {
    Map<String, Long> map = new LinkedHashMap<>();
    for (Tally tally : Tally.values()) {
      map.put(name(tally), get(tally));
    }
    return map;
  }

  private static String name(Tally tally) {
    return tally.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
