package io.atelier.actors.config.section;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import io.atelier.models.files.Contents;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Reads a HOCON file and its includes, whose paths are relative to the including file. The library
 * ignores a missing file; here that is an error.
 *
 * @param chain the file that is read, after those that include it
 */
public record Includes(List<Path> chain)
    implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {

  /** Parses a file, without resolving it yet. */
  public static Config parse(Path file) {
    return parse(List.of(), file);
  }

  private static Config parse(List<Path> before, Path file) {
    List<Path> chain = Stream.concat(before.stream(), Stream.of(file)).toList();
    if (before.contains(file)) {
      throw new InvalidConfigException(
          "%s includes itself (%s); take that out".formatted(file, chain));
    }
    ConfigParseOptions options =
        ConfigParseOptions.defaults()
            .setAllowMissing(false)
            .setSyntax(ConfigSyntax.CONF)
            .setOriginDescription(file.toString())
            .setIncluder(new Includes(chain));
    return ConfigFactory.parseString(text(before, file), options);
  }

  private static String text(List<Path> before, Path file) {
    boolean first = before.isEmpty();
    String from = first ? "" : ", included by " + before.get(before.size() - 1);
    String remedy = "give the path of a HOCON file" + (first ? " to --config" : "");
    if (Files.notExists(file)) {
      throw new InvalidConfigException(
          "configuration file %s does not exist%s; %s".formatted(file, from, remedy));
    }
    if (Files.isDirectory(file)) {
      throw new InvalidConfigException(
          "configuration file %s is a folder%s; %s".formatted(file, from, remedy));
    }
    try {
      return Files.readString(file).replaceFirst("^\uFEFF", "");
    } catch (CharacterCodingException e) {
      throw new InvalidConfigException(
          "%s is not UTF-8%s; save it as UTF-8".formatted(file, from), e);
    } catch (IOException e) {
      throw new InvalidConfigException(
          "%s cannot be read%s: %s".formatted(file, from, Contents.reason(e)), e);
    }
  }

  @Override
  public ConfigIncluder withFallback(ConfigIncluder fallback) {
    return this;
  }

  @Override
  public ConfigObject include(ConfigIncludeContext context, String what) {
    return parse(chain, chain.get(chain.size() - 1).resolveSibling(what)).root();
  }

  @Override
  public ConfigObject includeFile(ConfigIncludeContext context, File what) {
    return include(context, what.getPath());
  }

  @Override
  public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
    throw new InvalidConfigException(
        "%s includes %s; only files can be included".formatted(chain.get(chain.size() - 1), what));
  }

  @Override
  public ConfigObject includeResources(ConfigIncludeContext context, String what) {
    throw new InvalidConfigException(
        "%s includes classpath(%s); only files can be included"
            .formatted(chain.get(chain.size() - 1), what));
  }
}
