package io.atelier.tests.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docs/configuration.md} says what {@code reference.conf} says. */
class ConfigurationPageTest {

  private static final Path ROOT = Path.of(System.getProperty("atelier.root", ".."));
  private static final Path PAGE = ROOT.resolve("docs/configuration.md");
  private static final Path MADE = ROOT.resolve("tests/target/configuration.md");

  private static final String HEAD =
      """
      # Configuration

      Every key with its default. A preset, a file given by `--config` and `key=value` pairs on the command line override it,
      in this order; an unknown key is an error that names the nearest one. A run folder's `config.conf` has what was in
      force. Inner sections are part of a key's name, as in `model.adapter.rank=16`. This page is made from
      [reference.conf](../actors/src/main/resources/io/atelier/actors/config/reference.conf).
      """;

  @Test
  void shouldSayWhatTheReferenceSays() throws IOException {
    Files.writeString(MADE, page());
    assertEquals(
        Files.readString(MADE),
        Files.exists(PAGE) ? Files.readString(PAGE) : "",
        "the keys or their comments have changed: copy tests/target/configuration.md into docs");
  }

  private static String page() {
    Config reference =
        ConfigFactory.parseResources("io/atelier/actors/config/reference.conf").resolve();
    StringBuilder page = new StringBuilder(HEAD);
    for (Map.Entry<String, ConfigValue> section : inOrder(reference.root())) {
      page.append("\n## ").append(section.getKey()).append("\n\n");
      String about = comments(section.getValue());
      if (!about.isEmpty()) {
        page.append(about).append("\n\n");
      }
      if (section.getValue() instanceof ConfigObject object) {
        page.append("| key | default | |\n|---|---|---|\n");
        rows("", object).forEach(row -> page.append(row).append('\n'));
      }
    }
    return page.toString();
  }

  private static List<String> rows(String prefix, ConfigObject object) {
    List<String> rows = new ArrayList<>();
    for (Map.Entry<String, ConfigValue> entry : inOrder(object)) {
      String key = prefix + ConfigUtil.quoteString(entry.getKey()).replace("\"", "");
      ConfigValue value = entry.getValue();
      if (value instanceof ConfigObject inner && !inner.isEmpty()) {
        rows.add("| **%s** | | %s |".formatted(key, comments(value)));
        rows.addAll(rows(key + ".", inner));
      } else {
        String shown = value.render(ConfigRenderOptions.concise()).replace("|", "\\|");
        rows.add("| `%s` | `%s` | %s |".formatted(key, shown, comments(value)));
      }
    }
    return rows;
  }

  private static List<Map.Entry<String, ConfigValue>> inOrder(ConfigObject object) {
    return object.entrySet().stream()
        .sorted(Comparator.comparing(entry -> entry.getValue().origin().lineNumber()))
        .toList();
  }

  private static String comments(ConfigValue value) {
    return value.origin().comments().stream()
        .map(String::strip)
        .collect(Collectors.joining(" "))
        .replace("|", "\\|")
        .replace("<", "&lt;");
  }
}
