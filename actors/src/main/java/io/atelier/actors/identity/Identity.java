package io.atelier.actors.identity;

import io.atelier.models.files.Named;
import io.atelier.models.files.Sha256;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Everything that decides the result of a run. Runs with the same {@link #fingerprint} give the
 * same weights.
 *
 * @param configuration values by key, of the keys that affect the result and are not paths or
 *     addresses
 * @param parts everything else, by name: {@code model}, {@code prompts}, {@code held-out}, {@code
 *     references}, {@code program}, the encoders and other networks that the run uses, and {@code
 *     adapter} if it began with one
 */
public record Identity(SortedMap<String, String> configuration, SortedMap<String, Part> parts) {

  /** Name under which the configuration is listed together with the parts. */
  public static final String CONFIGURATION = "configuration";

  private static final int LETTERS = 16;
  private static final int SHORT = 8;

  /** Number of keys or files that are named; more are counted. */
  private static final int NAMED = 3;

  /** Most files of a part that are sent in a message. */
  private static final int TRAVELS = 64;

  /**
   * A part, by content.
   *
   * @param source its name: a path, the name of something embedded, a version; not compared
   * @param digest SHA-256 of the whole part, lower-case hexadecimal
   * @param files SHA-256 of each file, by path within {@code source}; empty if it has none, or they
   *     are left out
   */
  public record Part(String source, String digest, SortedMap<String, String> files) {

    public Part {
      Objects.requireNonNull(source, "no source");
      Objects.requireNonNull(digest, "no digest");
      Objects.requireNonNull(files, "no files");
    }

    /** A part made of files, whose names count too. */
    public static Part of(String source, SortedMap<String, String> files) {
      return new Part(source, Sha256.of(files), files);
    }

    /** A part without files. */
    public static Part named(String source, String what) {
      return new Part(source, Sha256.of(what), new TreeMap<>());
    }

    private String shortened() {
      return "%s (%s)".formatted(source, digest.substring(0, SHORT));
    }
  }

  public Identity {
    Objects.requireNonNull(configuration, "no configuration");
    Objects.requireNonNull(parts, "no parts");
  }

  /** A hash of the identity: 16 lower-case hexadecimal digits. */
  public String fingerprint() {
    return Sha256.of(digests()).substring(0, LETTERS);
  }

  /** SHA-256 of the configuration and of each part, by name. */
  public SortedMap<String, String> digests() {
    SortedMap<String, String> digests = new TreeMap<>();
    digests.put(CONFIGURATION, Sha256.of(configuration));
    parts.forEach((name, part) -> digests.put(name, part.digest()));
    return digests;
  }

  /** This identity without long lists of files: small enough for a message. */
  public Identity brief() {
    SortedMap<String, Part> brief = new TreeMap<>(parts);
    brief.replaceAll(
        (name, part) ->
            part.files().size() <= TRAVELS
                ? part
                : new Part(part.source(), part.digest(), new TreeMap<>()));
    return new Identity(configuration, brief);
  }

  /**
   * How this differs from {@code other}, in words; empty if they are the same.
   *
   * @param has introduces the value of the other: {@code was} or {@code the run has}
   */
  public List<String> differences(Identity other, String has) {
    List<String> differences = new ArrayList<>();
    keys(other, has).ifPresent(differences::add);
    TreeSet<String> names = new TreeSet<>(parts.keySet());
    names.addAll(other.parts.keySet());
    for (String name : names) {
      Part here = parts.get(name);
      Part there = other.parts.get(name);
      if (here == null || there == null) {
        differences.add(
            here == null
                ? "%s: none, %s %s".formatted(name, has, there.shortened())
                : "%s: %s, %s none".formatted(name, here.shortened(), has));
      } else if (!here.digest().equals(there.digest())) {
        differences.add(
            "%s: %s%s, %s %s"
                .formatted(name, here.shortened(), files(here, there), has, there.shortened()));
      }
    }
    return differences;
  }

  private Optional<String> keys(Identity other, String has) {
    List<String> keys = new ArrayList<>();
    for (String key : changed(configuration, other.configuration)) {
      String here = configuration.get(key);
      String there = other.configuration.get(key);
      keys.add(
          here == null
              ? "%s is unknown here, %s %s".formatted(key, has, there)
              : "%s is %s, %s %s".formatted(key, here, has, there == null ? "none" : there));
    }
    return keys.isEmpty()
        ? Optional.empty()
        : Optional.of(CONFIGURATION + ": " + Named.some(keys, NAMED));
  }

  private static String files(Part here, Part there) {
    if (here.files().isEmpty() || there.files().isEmpty()) {
      return "";
    }
    List<String> files = new ArrayList<>();
    for (String file : changed(here.files(), there.files())) {
      String what =
          !there.files().containsKey(file)
              ? "is new"
              : here.files().containsKey(file) ? "differs" : "is missing";
      files.add(file + " " + what);
    }
    return ", where " + Named.some(files, NAMED);
  }

  private static List<String> changed(Map<String, String> here, Map<String, String> there) {
    TreeSet<String> all = new TreeSet<>(here.keySet());
    all.addAll(there.keySet());
    all.removeIf(name -> here.containsKey(name) && here.get(name).equals(there.get(name)));
    return List.copyOf(all);
  }
}
