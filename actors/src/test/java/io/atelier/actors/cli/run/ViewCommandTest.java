package io.atelier.actors.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.atelier.actors.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ViewCommandTest {

  @TempDir Path folder;

  private static void assertRefused(String said, String... arguments) {
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err, true), arguments);
    assertEquals(2, code, err.toString());
    assertEquals("atelier: " + said, err.toString().strip());
  }

  @Test
  void shouldSayWhatCannotBeShown() {
    Path none = folder.resolve("none");
    assertRefused(
        "%s is not a folder; name the folder that a run wrote, or one with such folders in it"
            .formatted(none),
        "view",
        none.toString());
    assertRefused(
        "port 70000 is invalid; must be 0 to 65535, 0 for any that is free",
        "view",
        folder.toString(),
        "--port",
        "70000");
  }
}
