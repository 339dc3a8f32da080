package io.atelier.actors.config.section;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;

/** Values of a tree: those of the command line, and where each was set. */
public final class Values {

  private static final String COMMAND_LINE = "the command line";

  /** Beginning of {@link #origin} for values that a preset sets. */
  public static final String BY_PRESET = "set by preset ";

  private Values() {}

  public static ConfigValue marked(Object value) {
    return ConfigValueFactory.fromAnyRef(value, COMMAND_LINE);
  }

  /** Parses a value as HOCON; what is not HOCON is a text. */
  public static ConfigValue unquoted(String text) {
    ConfigValue value;
    try {
      value = ConfigFactory.parseString("v = " + text).root().get("v");
    } catch (ConfigException e) {
      return marked(text); // the reader of the key says what it must be
    }
    // A number stays as it was written, so that none is silently truncated.
    return value.valueType() == ConfigValueType.NUMBER
        ? value.withOrigin(ConfigOriginFactory.newSimple(COMMAND_LINE))
        : marked(value.unwrapped());
  }

  /** Returns some value inside {@code given}: unlike a section it knows where it was set. */
  public static ConfigValue leaf(ConfigValue given) {
    return given instanceof ConfigObject section && !section.isEmpty()
        ? leaf(section.values().iterator().next())
        : given;
  }

  /** Returns where a value was set, in words. */
  public static String origin(ConfigValue value) {
    String where =
        value
            .origin()
            .description()
            .replaceFirst("^merge of ", "")
            .replaceFirst("^io/atelier/presets/([\\w-]+)\\.conf @ .*?(: \\d+)?$", "preset $1$2");
    return where.startsWith(Reference.DEFAULT) ? "the default" : "set by " + where;
  }
}
