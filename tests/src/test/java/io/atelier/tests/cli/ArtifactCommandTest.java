package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.people.Label;
import io.atelier.actors.people.PeopleFiles;
import io.atelier.actors.people.Vote;
import io.atelier.actors.run.picture.Pictures;
import io.atelier.models.vision.Images;
import io.atelier.reward.artifact.Damage;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Heads that are trained by the command line. */
@Timeout(300)
class ArtifactCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path folder;

  private static Path drawings;
  private static Path head;
  private static Cli trained;

  /** A head on twenty drawings, of which four are only tested. */
  @BeforeAll
  static void train() throws IOException {
    drawings = ArtifactHeads.drawings(folder);
    head = folder.resolve("head.safetensors");
    trained =
        Cli.done(
            ArtifactHeads.command(
                head, "--synthetic", drawings.toString(), "--leave-out", "ghost,jpeg"));
  }

  /** Cells of the table's row of a kind of damage. */
  private static List<String> row(Cli command, String kind) {
    return command
        .out()
        .lines()
        .filter(line -> line.startsWith(kind + " "))
        .map(line -> Arrays.asList(line.split(" {2,}")))
        .findFirst()
        .orElseThrow(() -> new AssertionError(command.out()));
  }

  @Test
  void shouldShowHowItDoesOnDamageThatItHasSeenAndOther() {
    assertEquals(
        List.of(
            "damage",
            "trained on",
            "pairs",
            "accuracy",
            "if left out",
            "jpeg",
            "sharpness",
            "likelihood",
            "p clean",
            "p damaged"),
        row(trained, "damage"));
    for (Damage kind : Damage.values()) {
      List<String> row = row(trained, kind.key());
      boolean left = kind == Damage.GHOST || kind == Damage.JPEG;
      assertEquals(left ? "no" : "yes", row.get(1));
      assertTrue(Integer.parseInt(row.get(2)) <= 4, "a fifth of twenty, less what is unchanged");
      assertEquals(left, row.get(4).equals("-"), "no head had it");
    }
    assertTrue(Double.parseDouble(row(trained, "noise").get(3)) >= 0.75, trained.out());
    assertEquals("0.000", row(trained, "noise").get(6), "noise is sharper than any drawing");
    assertTrue(trained.out().contains("accuracy on damage that it was trained on: "));
    assertTrue(trained.out().contains("accuracy on damage that it was not trained on: "));
  }

  @Test
  void shouldComeOutTheSameFromTheSameSeed() throws IOException {
    List<String> left = ArtifactHeads.most();
    Path first = few("first", left);
    Collections.reverse(left);
    assertEquals(-1, Files.mismatch(first, few("again", left)));
    assertTrue(Files.mismatch(first, few("other", left, "--seed", "2")) >= 0);
  }

  private static Path few(String name, List<String> left, String... more) {
    Path out = folder.resolve(name + ".safetensors");
    List<String> command =
        ArtifactHeads.command(
            out, "--synthetic", drawings.toString(), "--leave-out", String.join(",", left));
    command.addAll(List.of(more));
    Cli.done(command);
    return out;
  }

  /** Ten prompts with two pairs each, of which two prompts are only tested. */
  @Test
  void shouldTrainOnPairsOfFiles() throws IOException {
    Path data = Files.createDirectories(folder.resolve("pairs"));
    Images images = ArtifactHeads.images();
    GroupNoise noise = new GroupNoise(5);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < ArtifactHeads.DRAWINGS; i++) {
      Pictures.write(images, i, data.resolve("clean" + i + ".png"));
      Images damaged =
          Damage.NOISE.damaged(
              images.get(i), noise.stream(Purpose.CRITIC_UPDATE, new GroupId(0, i)));
      Pictures.write(damaged, 0, data.resolve("damaged" + i + ".png"));
      lines.add(
          JSON.writeValueAsString(
              Map.of(
                  "prompt", "thing " + i / 2,
                  "clean", "clean" + i + ".png",
                  "damaged", i == 0 ? "clean0.png" : "damaged" + i + ".png")));
    }
    Path file = Files.write(data.resolve("pairs.jsonl"), lines);
    Path test = Files.write(data.resolve("test.jsonl"), lines.subList(10, 14));
    Cli command =
        Cli.done(
            ArtifactHeads.command(
                folder.resolve("pairs.safetensors"),
                "--pairs",
                file.toString(),
                "--test",
                test.toString()));
    List<String> row = row(command, "pairs.jsonl");
    assertEquals("yes", row.get(1));
    assertTrue(List.of("3", "4").contains(row.get(2)), "less one, if it is tested: " + row);
    assertEquals("no", row(command, "test.jsonl").get(1));
    assertEquals("4", row(command, "test.jsonl").get(2));
    assertEquals("1.000", row(command, "test.jsonl").get(3), "most of them it was trained on");
  }

  /**
   * Ten prompts of two drawings each. Of nine one is good and the other, with noise, an artifact;
   * of the last both are good, and a good one of the first was called an artifact before. The votes
   * prefer the same ones, one is a tie and one a repeat.
   */
  @Test
  void shouldTrainOnWhatPeopleSaid() throws IOException {
    Path run = Files.createDirectories(folder.resolve("said"));
    Images images = ArtifactHeads.images();
    GroupNoise noise = new GroupNoise(5);
    for (int i = 0; i < ArtifactHeads.DRAWINGS; i++) {
      String prompt = "thing " + i / 2;
      boolean good = i % 2 == 0 || i == ArtifactHeads.DRAWINGS - 1;
      Images shown =
          good
              ? images.get(i)
              : Damage.NOISE.damaged(
                  images.get(i), noise.stream(Purpose.CRITIC_UPDATE, new GroupId(0, i)));
      Path file = run.resolve("picture.png");
      Pictures.write(shown, 0, file);
      String copy = PeopleFiles.keep(run, Files.readAllBytes(file), "png");
      for (String label :
          i == 0 ? List.of("artifact", "good") : List.of(good ? "good" : "artifact")) {
        PeopleFiles.append(
            run,
            PeopleFiles.LABELS,
            new Label(1, "", label, i + ".png", copy, copy, 1, "0." + i, 0, 0, prompt));
      }
      if (i % 2 == 1) {
        List<Label> labels = PeopleFiles.labels(run.resolve("labels.jsonl"));
        Vote.Side before = new Vote.Side("said", 0, labels.get(labels.size() - 2).file());
        Vote.Side now = new Vote.Side("said", 5, copy);
        String better = i == ArtifactHeads.DRAWINGS - 1 ? "tie" : "b";
        PeopleFiles.append(
            run,
            PeopleFiles.PREFERENCES,
            new Vote(1, "", prompt, i, i == 5 ? 3 : -1, now, before, "a", better));
      }
    }
    Cli labels = said("--labels", run.resolve("labels.jsonl"));
    assertEquals("1", row(labels, "labels.jsonl").get(2), "a fifth of nine prompts");
    Cli votes = said("--preferences", run.resolve("preferences.jsonl"));
    assertEquals("1", row(votes, "preferences.jsonl").get(2), "a fifth of eight prompts");
    Files.delete(
        run.resolve(PeopleFiles.votes(run.resolve("preferences.jsonl")).get(0).a().file()));
    for (String option : List.of("--labels", "--preferences")) {
      Path file = run.resolve(option.substring(2) + ".jsonl");
      assertRefused(option, file, "which is no file beside it; copy the folder labels along");
      Files.write(file, List.of(Files.readAllLines(file).get(0).replace("labels/", "../labels/")));
      assertRefused(option, file, "which is no file beside it");
      Files.writeString(file, "nonsense\n");
      assertRefused(option, file, "line 1 is damaged");
      Files.writeString(file, "");
      assertRefused(
          option,
          file,
          option.equals("--labels")
              ? "has no prompt of which one image is labelled good"
              : "nobody preferred one image in");
      assertRefused(option, run.resolve("none"), "does not exist; name one that the page");
    }
  }

  private static List<String> saidCommand(String option, Path file) {
    return ArtifactHeads.command(folder.resolve("said.safetensors"), option, file.toString());
  }

  private static Cli said(String option, Path file) {
    return Cli.done(saidCommand(option, file));
  }

  private static void assertRefused(String option, Path file, String why) {
    Cli refused = Cli.run(saidCommand(option, file));
    assertEquals(2, refused.code(), why);
    String told = String.join("\n", refused.err());
    assertTrue(told.contains(why), told);
  }

  @Test
  void shouldNameWhatIsWrongWithACommand() throws IOException {
    Path pairs = folder.resolve("wrong.jsonl");
    for (String[] wrong :
        new String[][] {
          {"", "", "there is nothing to train on; give --synthetic, --pairs, --labels or"},
          {
            "--synthetic 3d --leave-out fog",
            "",
            "--leave-out fog is not a kind of damage; name some"
          },
          {"--leave-out blur --pairs " + pairs, "", "--leave-out needs --synthetic"},
          {
            "--synthetic 3d --leave-out" + " blur,noise,jpeg,duplicated-tiles,shuffled-tiles,ghost",
            "",
            "--leave-out names every kind of damage"
          },
          {"--synthetic 3d run.seed=4", "", "run.seed=4 changes nothing here; artifact takes"},
          {"--synthetic 4d", "", "data.references: unknown emoji style \"4d\""},
          {
            "--synthetic 3d reward.artifact.encoder=mobilenet-v2",
            "",
            "reward.artifact.encoder mobilenet-v2 is the same network as evaluation.encoder"
          },
          {"--synthetic 3d --statistics high", "", "statistics has \"high\", which the encoder"},
          {
            "--pairs none.jsonl",
            "",
            "does not exist; name a text file with {\"prompt\": ..., \"clean\""
          },
          {
            "--pairs " + pairs,
            "{\"prompt\": \"a fox\"}\n",
            "\"a fox\" names no images; write \"clean\""
          },
          {
            "--pairs " + pairs,
            "{\"prompt\": \"fox\", \"clean\": \"a.png\"}\n",
            "\"fox\": \"clean\": \"a.png\" is no file; names are relative"
          },
          {
            "--pairs " + pairs,
            "{\"prompt\": \"fox\", \"clean\": \"drawings/0.png\"}\n",
            "\"fox\": \"damaged\" is missing; it should be a text"
          },
          {
            "--pairs " + pairs,
            "{\"prompt\": \"fox\", \"clean\": \"drawings/0.png\", \"damaged\": \"drawings/1.png\","
                + " \"weight\": 2}\n",
            "\"weight\": 2 is a key that is not known here"
          },
          {
            "--pairs " + pairs,
            "{\"prompt\": \"fox\", \"clean\": \"drawings/0.png\", \"damaged\": \"drawings/1.png\"}\n",
            "are of one prompt, and those of others are needed to test on"
          },
          {
            "--pairs " + pairs,
            "{\"prompt\": \"fox\", \"clean\": \"drawings/0.png\", \"damaged\": \"drawings/0.png\"}\n"
                + "{\"prompt\": \"cat\", \"clean\": \"drawings/1.png\", \"damaged\":"
                + " \"drawings/1.png\"}\n",
            "the damaged image of each of 1 pairs is the same as the clean one"
          },
          {
            "--pairs " + pairs,
            "{\"prompt\": \"fox\", \"clean\": \"drawings/0.png\", \"damaged\": \"wrong.jsonl\"}\n"
                + "{\"prompt\": \"cat\", \"clean\": \"drawings/1.png\", \"damaged\":"
                + " \"wrong.jsonl\"}\n",
            "wrong.jsonl cannot be read ("
          },
        }) {
      Files.writeString(pairs, wrong[1]);
      Path out = folder.resolve("none.safetensors");
      List<String> command = ArtifactHeads.command(out);
      Arrays.stream(wrong[0].split(" ")).filter(word -> !word.isEmpty()).forEach(command::add);
      Cli refused = Cli.run(command);
      assertEquals(2, refused.code(), wrong[0]);
      String told = String.join("\n", refused.err());
      assertTrue(told.contains(wrong[2]), told);
      assertFalse(Files.exists(out));
    }
    Cli none =
        Cli.run("artifact", "--out", folder + "/n.safetensors", "--synthetic", "3d", "--steps=0");
    assertEquals(2, none.code());
    assertTrue(none.err().get(0).contains("--steps: steps 0 and batch 64 must be at least 1"));
  }
}
