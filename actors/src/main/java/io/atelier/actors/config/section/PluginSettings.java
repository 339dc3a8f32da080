package io.atelier.actors.config.section;

import com.typesafe.config.Config;
import io.atelier.models.files.NearestName;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The section {@code settings} of a plug-in's reward. Reads are typed and strict: a value of
 * another type is an {@link InvalidConfigException} that names key, value and where it was set. All
 * values, as written, are part of the run's identity; the content of a file that one names is not.
 * A key with dots is that of an inner section.
 */
public final class PluginSettings {

  private final String path;
  private final Config tree;
  private final Section section;
  private final Set<String> asked = new TreeSet<>();

  public PluginSettings(Config settings, String path) {
    this.path = path;
    this.tree = settings;
    this.section = new Section(settings.atPath(path), path, new HashSet<>());
  }

  /**
   * Fails if keys are missing that have no default.
   *
   * @throws InvalidConfigException that names the first
   */
  public void require(String... keys) {
    for (String key : keys) {
      asked.add(key);
      if (!tree.hasPath(key)) {
        throw new InvalidConfigException(
            "%s.%s is missing, and its reward needs it; set it".formatted(path, key));
      }
    }
  }

  public int integer(String key, int otherwise) {
    return read(key, otherwise, section::integer);
  }

  public double decimal(String key, double otherwise) {
    return read(key, otherwise, section::decimal);
  }

  public boolean flag(String key, boolean otherwise) {
    return read(key, otherwise, section::flag);
  }

  public String text(String key, String otherwise) {
    return read(key, otherwise, section::text);
  }

  public List<String> texts(String key, List<String> otherwise) {
    return read(key, otherwise, section::texts);
  }

  private <T> T read(String key, T otherwise, Function<String, T> reader) {
    asked.add(key);
    return tree.hasPath(key) ? reader.apply(key) : otherwise;
  }

  /** Fails with the first key that was not read. */
  public void requireAllRead() {
    for (String key : new TreeSet<>(tree.entrySet().stream().map(Map.Entry::getKey).toList())) {
      if (!asked.contains(key)) {
        throw new InvalidConfigException(
            "unknown key %s.%s (%s); %s"
                .formatted(
                    path,
                    key,
                    Values.origin(tree.getValue(key)),
                    NearestName.to(key, asked)
                        .map(near -> "did you mean %s.%s?".formatted(path, near))
                        .orElse("this reward has no settings")));
      }
    }
  }
}
