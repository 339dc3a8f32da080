package io.atelier.actors.experiment;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.models.files.Contents;
import io.atelier.models.files.NearestName;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The experiments that come with the program, and those in files. */
public final class Experiments {

  private static final String FOLDER = "/io/atelier/experiments/";

  private static final String FILE = ".conf";

  private static final ConfigParseOptions STRICT =
      ConfigParseOptions.defaults().setAllowMissing(false).setSyntax(ConfigSyntax.CONF);

  private Experiments() {}

  /** Returns the names of those that come with the program, in the order of their list. */
  public static List<String> names() {
    return text("experiments.txt").lines().filter(line -> !line.isBlank()).toList();
  }

  /**
   * Reads one of them, or one in a file.
   *
   * @param nameOrFile a name, or a file whose name ends in {@code .conf}
   * @throws InvalidConfigException that says in a line what is wrong with it
   */
  public static Experiment read(String nameOrFile) {
    if (nameOrFile.endsWith(FILE)) {
      return file(Path.of(nameOrFile));
    }
    List<String> names = names();
    if (!names.contains(nameOrFile)) {
      throw new InvalidConfigException(
          "there is no experiment \"%s\"; did you mean %s? Experiments: %s, or a file that ends in %s"
              .formatted(
                  nameOrFile,
                  NearestName.to(nameOrFile, names).orElseThrow(),
                  String.join(", ", names),
                  FILE));
    }
    return parse(nameOrFile, "experiment " + nameOrFile, text(nameOrFile + FILE));
  }

  private static Experiment file(Path file) {
    String name = String.valueOf(file.getFileName());
    try {
      return parse(
          name.substring(0, name.length() - FILE.length()), "" + file, Files.readString(file));
    } catch (IOException e) {
      throw new InvalidConfigException(
          "%s cannot be read: %s".formatted(file, Contents.reason(e)), e);
    }
  }

  private static Experiment parse(String name, String origin, String text) {
    try {
      Config tree = ConfigFactory.parseString(text, STRICT.setOriginDescription(origin)).resolve();
      return new ExperimentReader(name, origin).read(tree);
    } catch (ConfigException e) {
      throw new InvalidConfigException(e.getMessage().lines().findFirst().orElse(origin), e);
    }
  }

  private static String text(String name) {
    try (InputStream in = Experiments.class.getResourceAsStream(FOLDER + name)) {
      if (in == null) {
        throw new IllegalStateException(
            FOLDER + name + " is not on the class path; rebuild the project");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
