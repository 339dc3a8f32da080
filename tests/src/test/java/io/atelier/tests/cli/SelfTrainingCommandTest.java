package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Self-training by the command line, on a few images. */
@Timeout(300)
class SelfTrainingCommandTest {

  /** 18 pairs of three images each of six prompts, and six of two held-out ones. */
  private static List<String> small(String... more) {
    List<String> command =
        new ArrayList<>(
            List.of("self-training", "--labelled", "6", "--rounds", "2", "--unlabelled", "6"));
    command.addAll(List.of("--tested", "6", "--images", "3", "--threads", "1"));
    command.addAll(List.of(more));
    return command;
  }

  @Test
  void shouldPrintOneLineOfFiguresOrATable() throws IOException {
    Cli first = Cli.done(small("--json"));
    assertEquals(1, first.out().lines().count(), first.out());
    JsonNode figures = new ObjectMapper().readTree(first.out());
    Set<String> names = new TreeSet<>();
    figures.fieldNames().forEachRemaining(names::add);
    for (String name :
        List.of("seedOnly", "round1", "round2", "unfiltered", "gain", "labelledAgreement")) {
      assertTrue(names.contains(name), name + " is not among " + names);
    }
    for (String name : names) {
      assertTrue(figures.get(name).isNumber(), name);
    }
    for (String accuracy : List.of("seedOnly", "round1", "round2", "unfiltered")) {
      double sixths = 6 * figures.get(accuracy).doubleValue();
      assertEquals(Math.rint(sixths), sixths, 1e-9, "of six pairs");
    }
    assertEquals(
        figures.get("round2").doubleValue() - figures.get("seedOnly").doubleValue(),
        figures.get("gain").doubleValue(),
        1e-9);
    assertEquals(6, figures.get("unfilteredRound1Taken").intValue());
    assertEquals(
        figures.get("round1Taken").intValue() > 0,
        names.contains("round1Right"),
        "no number stands for labels that are not there");
    assertTrue(
        first.err().contains("atelier: 18 of 18 images of trained prompts are drawn"),
        String.join("\n", first.err()));

    Cli table = Cli.done(small());
    List<String> lines = table.out().lines().toList();
    assertEquals("trained on             taken   right  accuracy", lines.get(0));
    assertTrue(
        lines.get(1).matches("labelled pairs +- +- +[01]\\.\\d{3}"),
        "the first head: " + lines.get(1));
    assertEquals(
        String.format(Locale.ROOT, "%.3f", figures.get("seedOnly").doubleValue()),
        lines.get(1).substring(lines.get(1).length() - 5),
        "the same seed");
    assertTrue(lines.get(5).startsWith("unfiltered, round 2    6 of 6"), lines.get(5));
    assertTrue(lines.get(9).startsWith("accuracy of its verdicts: sharper "), lines.get(9));
    assertNotEquals(first.out(), Cli.done(small("--json", "--seed", "2")).out());
  }

  @Test
  void shouldNameWhatIsWrongWithACommand() {
    for (String[] wrong :
        new String[][] {
          {"--votes", "4", "votes 4 must be odd"},
          {"--confidence", "0.5", "--confidence 0.5 must be above 0.5 and below 1"},
          {"--confidence", "1", "--confidence 1.0 must be above 0.5 and below 1"},
          {"--images", "1", "--images 1 must be 2 to 64"},
          {"--labelled", "0", "--labelled 0 must be at least 1"},
          {"--rounds", "0", "--rounds 0 must be at least 1"},
          {"--unlabelled", "0", "--unlabelled 0 must be at least 1"},
          {"--unlabelled", "1700", "are 3406 pairs, and there are 3300 of the prompts"},
          {"--tested", "1387", "--tested 1387 is more than the 1386 pairs of held-out prompts"},
        }) {
      List<String> command = small();
      int at = command.indexOf(wrong[0]);
      if (at >= 0) {
        command.set(at + 1, wrong[1]);
      } else {
        command.addAll(List.of(wrong[0], wrong[1]));
      }
      Cli refused = Cli.run(command);
      assertEquals(2, refused.code(), String.join(" ", wrong));
      String told = String.join("\n", refused.err());
      assertTrue(told.contains(wrong[2]), told);
      assertEquals("", refused.out());
    }
  }
}
