package io.atelier.actors.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.ledger.journal.LedgerSnapshot;
import io.atelier.actors.ledger.model.Counts;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.run.picture.Pictures;
import io.atelier.models.vision.Images;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A run folder made by hand, as a run would write it: ten trained steps, evaluations at 0, 5 and
 * 10, three prompts, two groups of four images in every step. Step 10's first group is flat.
 */
final class RunFixture {

  static final List<String> PROMPTS =
      List.of("a red apple", "<b>bold</b> & \"quoted\"", "a bicycle");
  static final int STEPS = 10;
  static final int GROUP = 4;

  /** Milliseconds since 1970 of the last sign of life. */
  static final long BEAT = 1_800_000_000_000L;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;

  private RunFixture(Path folder) {
    this.folder = folder;
  }

  /** All files of a run. */
  static Path make(Path folder) throws IOException {
    RunFixture run = new RunFixture(folder);
    run.old(folder);
    run.evaluations();
    run.groups();
    run.checkpoint(5);
    run.checkpoint(10);
    run.write("trace.json", "[{\"name\":\"sample\"}\n");
    run.state("running", 10);
    for (String name : List.of("metrics.jsonl", "evaluations.jsonl")) {
      Files.setLastModifiedTime(folder.resolve(name), FileTime.fromMillis(BEAT));
    }
    return folder;
  }

  /** What an older program wrote: curves, grids, configuration. */
  static Path makeOld(Path folder) throws IOException {
    return new RunFixture(folder).old(folder);
  }

  private Path old(Path made) throws IOException {
    Files.createDirectories(folder.resolve("images"));
    write("config.conf", "run.steps = 80, run.seed = 5, schedule.mode = sync");
    for (int step = 1; step <= STEPS; step++) {
      add("metrics.jsonl", metrics(step));
    }
    double[] kid = {40, 38, 35.5};
    double[] style = {0.14, 0.2, 0.25};
    for (int i = 0; i < kid.length; i++) {
      add(
          "evaluations.jsonl",
          Map.of(
              "step",
              5 * i,
              "prompts",
              "held-out",
              "kidReference",
              kid[i],
              "styleShare",
              style[i],
              "retrievalTop1",
              0.75 + 0.01 * i,
              "diversity",
              0.143,
              "seconds",
              20));
      picture("images/step-%06d.png".formatted(5 * i), 128, 40 * i);
    }
    picture("images/highest-step-000010.png", 128, 200);
    picture("images/lowest-step-000010.png", 128, 100);
    add("nodes.jsonl", Map.of("node", "", "computing", "the CPU"));
    return made;
  }

  private static Map<String, Object> metrics(int step) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", step);
    line.put("policy", step);
    line.put("critic", step);
    line.put("critic/accuracy", 0.6 + 0.02 * step);
    line.put("critic/real", 0.5);
    line.put("critic/fake", -0.5);
    line.put("critic/head-steps", 4);
    line.put("reward/adversarial", 0.1 * step);
    line.put("reward/total", 0.1 * step);
    line.put("reward/zero-variance", 0);
    line.put("policy/gradient-norm", 0.01);
    line.put("learner/odd", step % 2);
    line.put("lag/max", 0);
    line.put("idle/rollout", 0.4);
    line.put("idle/policy", 0.6);
    line.put("groups/admitted", 2 * step);
    line.put("groups/trained", 2 * step);
    line.put("groups/dropped", 0);
    line.put("groups/open", 0);
    line.put("images-per-second", 2.5);
    line.put("seconds", 6);
    line.put("elapsed", 6.5 * step);
    return line;
  }

  private void evaluations() throws IOException {
    for (int step = 0; step <= STEPS; step += 5) {
      List<Map<String, Object>> images = new ArrayList<>();
      for (int i = 0; i < PROMPTS.size(); i++) {
        String file = "evaluations/step-%06d/%02d.png".formatted(step, i);
        picture("images/" + file, 64, 20 * step + 30 * i);
        images.add(Map.of("prompt", PROMPTS.get(i), "file", file, "width", 64, "height", 64));
      }
      add("shown.jsonl", Map.of("step", step, "images", images));
    }
    picture("images/references/00-0.jpg", 300, 255);
    add(
        "references.jsonl",
        Map.of("prompt", PROMPTS.get(0), "files", List.of("references/00-0.jpg")));
  }

  private void groups() throws IOException {
    for (int step = 1; step <= STEPS; step++) {
      for (int slot = 0; slot < 2; slot++) {
        boolean flat = step == STEPS && slot == 0;
        List<Double> rewards = new ArrayList<>();
        for (int i = 0; i < GROUP; i++) {
          rewards.add(flat ? 0.5 : 0.1 * step + 0.25 * i + 0.01 * slot);
        }
        String group = "%d.%d".formatted(step - 1, slot);
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", step);
        line.put("group", group);
        line.put("attempt", 0);
        line.put("prompt", PROMPTS.get(slot));
        line.put("policy", step - 1);
        line.put("critic", step - 1);
        line.put("lag", 0);
        line.put("rewards", rewards);
        line.put("advantages", flat ? List.of(0, 0, 0, 0) : List.of(-1.34, -0.45, 0.45, 1.34));
        line.put("leaves", Map.of("adversarial", rewards, "adversarial/global", rewards));
        line.put("nodes", Map.of());
        line.put(
            "seconds",
            Map.of("queue", 0.1, "generate", 1.5, "hold", 0.3, "score", 0.2, "train", 1.1));
        line.put("pictures", true);
        add("groups.jsonl", line);
        kept(step, group, 0, flat ? "best" : "worst", 100 * slot + 7 * step);
        if (!flat) {
          kept(step, group, 3, "best", 100 * slot + 7 * step + 3);
        }
      }
    }
  }

  private void kept(int step, String group, int image, String why, int shade) throws IOException {
    String name = "%02x/%02x%030x.jpg".formatted(step, step, shade);
    picture("pictures/" + name, 64, shade);
    List<Double> logits = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      logits.add(i == 5 ? null : i - 7.5); // a place that was not drawn
    }
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", step);
    line.put("group", group);
    line.put("attempt", 0);
    line.put("image", image);
    line.put("why", why);
    line.put("file", name);
    line.put("width", 64);
    line.put("height", 64);
    line.put(
        "places",
        Map.of("adversarial", Map.of("low", Map.of("rows", 4, "columns", 4, "logits", logits))));
    add("pictures/index.jsonl", line);
  }

  /** What people see of one, its ledger; without weights. */
  private void checkpoint(int step) throws IOException {
    long at = step;
    LedgerSnapshot ledger =
        new LedgerSnapshot(
            LedgerSnapshot.FORMAT,
            Schedule.sync(),
            2,
            step,
            2L * step,
            new Counts(2L * step, 2L * step, 0, 0, 0, 0, 0),
            List.of(),
            new TreeMap<>(Map.of(at, "aa%062x".formatted(step))),
            new TreeMap<>(Map.of(at, "bb%062x".formatted(step))),
            List.of(),
            0);
    String name = "checkpoints/step-%06d/ledger.json".formatted(step);
    Files.createDirectories(folder.resolve(name).getParent());
    write(name, JSON.writeValueAsString(ledger));
  }

  private void state(String state, int step) throws IOException {
    write(
        "run.json",
        """
        {"format":1,"state":"%s","step":%d,"steps":80,"secondsPerStep":6.4,"started":%d,"beat":%d,
        "everySeconds":5,"host":"here","pid":12,"page":null,"epoch":1,"cause":null}
        """
            .formatted(state, step, BEAT - 100_000, BEAT));
  }

  /** Adds a line to a file. */
  private void add(String name, Map<String, ?> line) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        JSON.writeValueAsString(line) + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  private void write(String name, String text) throws IOException {
    Files.write(folder.resolve(name), text.getBytes(StandardCharsets.UTF_8));
  }

  /** A picture of one hue that gets lighter to the right. */
  private void picture(String name, int side, int shade) throws IOException {
    byte[] rgb = new byte[side * side * 3];
    for (int i = 0; i < side * side; i++) {
      rgb[3 * i] = (byte) shade;
      rgb[3 * i + 1] = (byte) (255 * (i % side) / side);
      rgb[3 * i + 2] = (byte) (255 - shade);
    }
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Pictures.write(new Images(1, side, side, rgb), 0, file);
  }
}
