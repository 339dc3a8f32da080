package io.atelier.actors.config.section;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One section of a configuration tree. Reads are typed and strict, and every error says which key,
 * what value, where it was set and what the rule is.
 */
public final class Section {

  /** A key, with which a message of a record may begin. */
  private static final Pattern KEY = Pattern.compile("[a-z0-9-]+(\\.[a-z0-9-]+)*");

  /** Longer durations overflow somewhere when they are added to the time. */
  private static final Duration LONGEST = Duration.ofDays(3650);

  private final Config tree;
  private final String path;
  private final Set<String> read;

  /**
   * @param read collects the full path of every key that is read
   */
  public Section(Config tree, String path, Set<String> read) {
    this.tree = tree;
    this.path = path;
    this.read = read;
  }

  /** Returns the path as messages have it. */
  public String path() {
    return path;
  }

  /** Returns the whole content of the section. */
  public Config tree() {
    return tree.getConfig(path);
  }

  /** Returns the names of the section's entries, sorted. */
  public List<String> names() {
    return tree.getConfig(path).root().keySet().stream().sorted().toList();
  }

  public Section section(String key) {
    return new Section(tree, full(key), read);
  }

  public int integer(String key) {
    long value = whole(key);
    if (value != (int) value) {
      throw broken(key, "must be a whole number between -2147483648 and 2147483647");
    }
    return (int) value;
  }

  public long whole(String key) {
    double value = decimal(key, "must be a whole number");
    Number number = (Number) value(key).unwrapped();
    if (value != Math.rint(value)) {
      throw broken(key, "must be a whole number");
    }
    if (number instanceof Double) { // a whole number that fits into a long is one already
      throw broken(key, "must be a whole number between -2^63 and 2^63 - 1");
    }
    return number.longValue();
  }

  /** Returns the 64 bits of a seed, see {@link Seed}. */
  public long seed(String key) {
    // A Double has lost digits; a text is a number that no long holds.
    Object written = value(key).unwrapped();
    if (written instanceof Double || !(written instanceof Number || written instanceof String)) {
      throw broken(key, Seed.RULE);
    }
    try {
      return Seed.parse(tree.getString(full(key)));
    } catch (IllegalArgumentException e) {
      throw broken(key, e.getMessage());
    }
  }

  public double decimal(String key) {
    return decimal(key, "must be a number");
  }

  private double decimal(String key, String rule) {
    ConfigValue value = value(key);
    if (value.valueType() != ConfigValueType.NUMBER) {
      throw broken(key, rule);
    }
    double number = ((Number) value.unwrapped()).doubleValue();
    if (!Double.isFinite(number)) {
      throw broken(key, "is too large; " + rule);
    }
    if (number == 0 && tree.getString(full(key)).matches("[^eE]*[1-9].*")) {
      throw broken(key, "is too close to 0; " + rule);
    }
    return number;
  }

  /** Returns a value of any shape, which its reader checks. */
  public ConfigValue raw(String key) {
    return tree.getValue(full(key));
  }

  public boolean flag(String key) {
    ConfigValue value = value(key);
    if (value.valueType() != ConfigValueType.BOOLEAN) {
      throw broken(key, "must be true or false");
    }
    return (Boolean) value.unwrapped();
  }

  public String text(String key) {
    ConfigValue value = value(key);
    if (value.valueType() != ConfigValueType.STRING) {
      throw broken(key, "must be a text");
    }
    return (String) value.unwrapped();
  }

  /** A path; {@code ~} at its beginning is the home folder. */
  public String path(String key) {
    try {
      return HomeFolder.expand(text(key));
    } catch (IllegalArgumentException e) {
      throw broken(key, "is no path here: " + e.getMessage());
    }
  }

  /** A path as {@link #path} reads it, or a number as it is written. */
  public String pathOrNumber(String key) {
    return value(key).valueType() == ConfigValueType.NUMBER ? tree.getString(full(key)) : path(key);
  }

  public List<String> texts(String key) {
    ConfigValue value = value(key);
    if (!(value.unwrapped() instanceof List<?> list)) {
      throw broken(key, "must be a list of texts");
    }
    List<String> texts = new ArrayList<>();
    for (Object element : list) {
      if (!(element instanceof String text)) {
        throw broken(key, "must be a list of texts");
      }
      texts.add(text);
    }
    return List.copyOf(texts);
  }

  /** A length of time with its unit, such as {@code 30s} or {@code 500ms}. */
  public Duration duration(String key) {
    String rule = "must be a length of time with a unit, such as 30s or 500ms";
    ConfigValue value = value(key);
    // Without a unit it would be taken for milliseconds; NaN would be 0.
    if (value.valueType() != ConfigValueType.STRING
        || !((String) value.unwrapped()).strip().matches("[-+0-9.eE]+\\s*[a-z]+")) {
      throw broken(key, rule);
    }
    Duration length;
    try {
      length = tree.getDuration(full(key));
    } catch (ConfigException e) {
      throw broken(key, rule);
    }
    if (length.abs().compareTo(LONGEST) > 0) {
      throw broken(key, "must be at most %d days".formatted(LONGEST.toDays()));
    }
    return length;
  }

  /** Returns the constant of {@code type} that is written in lower case with dashes. */
  public <E extends Enum<E>> E choice(String key, Class<E> type) {
    return choice(key, type, Stream.empty());
  }

  /** As {@link #choice(String, Class)}, or empty where it is the text {@code none}. */
  public <E extends Enum<E>> Optional<E> choice(String key, Class<E> type, String none) {
    return text(key).equals(none)
        ? Optional.empty()
        : Optional.of(choice(key, type, Stream.of(none)));
  }

  private <E extends Enum<E>> E choice(String key, Class<E> type, Stream<String> others) {
    Optional<E> chosen = spelled(text(key), type);
    if (chosen.isPresent()) {
      return chosen.get();
    }
    String choices =
        Stream.concat(others, Arrays.stream(type.getEnumConstants()).map(Section::spelled))
            .collect(Collectors.joining(", "));
    throw broken(key, "must be one of " + choices);
  }

  /** Returns {@code constant} as configurations have it: {@code FIXED_LAG} is {@code fixed-lag}. */
  public static String spelled(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns the constant with this spelling, if there is one. */
  public static <E extends Enum<E>> Optional<E> spelled(Object written, Class<E> type) {
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> spelled(constant).equals(written))
        .findFirst();
  }

  /**
   * Makes the record of this section. Records refuse bad values with an {@link
   * IllegalArgumentException}; when its message starts with a key, as in {@code steps is 0, must be
   * at least 1} or {@code jpeg.weight is -1}, the error gets the full key and where it was set.
   */
  public <T> T build(Supplier<T> record) {
    try {
      return record.get();
    } catch (IllegalArgumentException e) {
      Matcher start = KEY.matcher(e.getMessage());
      String key = start.lookingAt() ? start.group() : "";
      if (key.isEmpty() || !tree.hasPath(full(key))) {
        throw new InvalidConfigException(path + ": " + e.getMessage(), e);
      }
      throw new InvalidConfigException(
          "%s.%s (%s)"
              .formatted(
                  path, e.getMessage(), Values.origin(Values.leaf(tree.getValue(full(key))))),
          e);
    }
  }

  /** Returns an error about the value of {@code key}, which breaks {@code rule}. */
  public InvalidConfigException broken(String key, String rule) {
    ConfigValue value = tree.getValue(full(key));
    return new InvalidConfigException(
        "%s = %s %s (%s)"
            .formatted(
                full(key),
                value.render(ConfigRenderOptions.concise()),
                rule,
                Values.origin(value)));
  }

  private ConfigValue value(String key) {
    String full = full(key);
    read.add(full);
    return tree.getValue(full);
  }

  private String full(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
