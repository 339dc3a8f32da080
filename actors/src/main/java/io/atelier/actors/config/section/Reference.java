package io.atelier.actors.config.section;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The shipped {@code reference.conf}: every key with its default. */
public final class Reference {

  /** Origin of values that no layer set. */
  static final String DEFAULT = "default";

  private static final ConfigParseOptions STRICT =
      ConfigParseOptions.defaults().setAllowMissing(false).setSyntax(ConfigSyntax.CONF);

  private Reference() {}

  /** Returns every key with its default; comments are kept. */
  public static Config tree() {
    return Read.TREE;
  }

  /** Reads the file when it is first needed. */
  private static final class Read {
    private static final Config TREE = read("/io/atelier/actors/config/reference.conf", DEFAULT);
  }

  /**
   * Reads a shipped file.
   *
   * @param origin that messages give for its values
   */
  public static Config read(String name, String origin) {
    try (InputStream in = Reference.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not on the class path; rebuild the project");
      }
      return parse(new InputStreamReader(in, StandardCharsets.UTF_8), origin);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Config parse(Reader in, String origin) {
    try {
      return ConfigFactory.parseReader(in, STRICT.setOriginDescription(origin)).resolve();
    } catch (ConfigException e) {
      throw new InvalidConfigException(e.getMessage().lines().findFirst().orElse(origin), e);
    }
  }
}
