package io.atelier.actors.config;

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
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * One section of a configuration tree. Reads are typed and strict, and every error says which key,
 * what value, where it was set and what the rule is.
 */
final class Section {

  private final Config tree;
  private final String path;
  private final Set<String> read;

  /**
   * @param read collects the full path of every key that is read
   */
  Section(Config tree, String path, Set<String> read) {
    this.tree = tree;
    this.path = path;
    this.read = read;
  }

  Section section(String key) {
    return new Section(tree, full(key), read);
  }

  int integer(String key) {
    long value = whole(key);
    if (value != (int) value) {
      throw broken(key, "must be a whole number between -2147483648 and 2147483647");
    }
    return (int) value;
  }

  long whole(String key) {
    double value = decimal(key, "must be a whole number");
    Number number = (Number) value(key).unwrapped();
    if (value != Math.rint(value)) {
      throw broken(key, "must be a whole number");
    }
    return number.longValue();
  }

  double decimal(String key) {
    return decimal(key, "must be a number");
  }

  private double decimal(String key, String rule) {
    ConfigValue value = value(key);
    if (value.valueType() != ConfigValueType.NUMBER) {
      throw broken(key, rule);
    }
    return ((Number) value.unwrapped()).doubleValue();
  }

  boolean flag(String key) {
    ConfigValue value = value(key);
    if (value.valueType() != ConfigValueType.BOOLEAN) {
      throw broken(key, "must be true or false");
    }
    return (Boolean) value.unwrapped();
  }

  String text(String key) {
    ConfigValue value = value(key);
    if (value.valueType() != ConfigValueType.STRING) {
      throw broken(key, "must be a text");
    }
    return (String) value.unwrapped();
  }

  List<String> texts(String key) {
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

  List<Double> decimals(String key) {
    ConfigValue value = value(key);
    if (!(value.unwrapped() instanceof List<?> list)) {
      throw broken(key, "must be a list of numbers");
    }
    List<Double> decimals = new ArrayList<>();
    for (Object element : list) {
      if (!(element instanceof Number number)) {
        throw broken(key, "must be a list of numbers");
      }
      decimals.add(number.doubleValue());
    }
    return List.copyOf(decimals);
  }

  /** A length of time with its unit, such as {@code 30s} or {@code 500ms}. */
  Duration duration(String key) {
    value(key);
    try {
      return tree.getDuration(full(key));
    } catch (ConfigException e) {
      throw broken(key, "must be a length of time with a unit, such as 30s or 500ms");
    }
  }

  /** The constant of {@code type} that is written in lower case with dashes. */
  <E extends Enum<E>> E choice(String key, Class<E> type) {
    String wanted = text(key);
    for (E constant : type.getEnumConstants()) {
      if (spelled(constant).equals(wanted)) {
        return constant;
      }
    }
    String choices =
        Arrays.stream(type.getEnumConstants())
            .map(Section::spelled)
            .collect(Collectors.joining(", "));
    throw broken(key, "must be one of " + choices);
  }

  /** How {@code constant} is written in a configuration: {@code FIXED_LAG} is {@code fixed-lag}. */
  static String spelled(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Makes the record of this section. Records refuse bad values by an {@link
   * IllegalArgumentException}; when its message starts with a key, as in {@code steps is 0, must be
   * at least 1}, the error gets the full key and where it was set.
   */
  <T> T build(Supplier<T> record) {
    try {
      return record.get();
    } catch (IllegalArgumentException e) {
      String key = e.getMessage().split("[^a-z0-9-]", 2)[0];
      if (key.isEmpty() || !tree.hasPath(full(key))) {
        throw new InvalidConfigException(path + ": " + e.getMessage(), e);
      }
      throw new InvalidConfigException(
          "%s.%s (%s)".formatted(path, e.getMessage(), origin(tree.getValue(full(key)))), e);
    }
  }

  /** An error about the value of {@code key}, which breaks {@code rule}. */
  InvalidConfigException broken(String key, String rule) {
    ConfigValue value = tree.getValue(full(key));
    return new InvalidConfigException(
        "%s = %s %s (%s)"
            .formatted(
                full(key), value.render(ConfigRenderOptions.concise()), rule, origin(value)));
  }

  /** Where a value was set, in words. */
  static String origin(ConfigValue value) {
    String where = value.origin().description();
    return where.startsWith(Layers.DEFAULT) ? "the default" : "set by " + where;
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
