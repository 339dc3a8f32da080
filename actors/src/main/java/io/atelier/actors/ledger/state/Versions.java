package io.atelier.actors.ledger.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongPredicate;

/** The versions of one weight stream that exist and are still needed. */
public final class Versions {
  private final TreeMap<Long, String> hashes = new TreeMap<>();
  private long held = Worker.NOTHING;

  public void published(long version, String hash) {
    hashes.put(version, hash);
  }

  public boolean exists(long version) {
    return hashes.containsKey(version);
  }

  public String hash(long version) {
    return Optional.ofNullable(hashes.get(version))
        .orElseThrow(() -> new IllegalStateException("version " + version + " does not exist"));
  }

  /** The newest version, or {@link Worker#NOTHING}. */
  public long newest() {
    return hashes.isEmpty() ? Worker.NOTHING : hashes.lastKey();
  }

  /** The hash of the newest version; empty if there is none. */
  public String newestHash() {
    return hashes.isEmpty() ? "" : hash(newest());
  }

  /**
   * A worker has proven that it holds a version; returns whether it is the first with one that new.
   */
  public boolean held(long version) {
    if (version <= held) {
      return false;
    }
    held = version;
    return true;
  }

  /** The newest version that a worker has ever held. */
  public long newestHeld() {
    return held;
  }

  /** Retires what is not needed, except the newest version; returns what was retired. */
  public List<Long> retire(LongPredicate needed) {
    List<Long> old = new ArrayList<>(hashes.headMap(newest()).keySet());
    old.removeIf(needed::test);
    old.forEach(hashes::remove);
    return old;
  }

  public SortedMap<Long, String> hashes() {
    return new TreeMap<>(hashes);
  }

  /** Versions that exist. */
  public int size() {
    return hashes.size();
  }
}
