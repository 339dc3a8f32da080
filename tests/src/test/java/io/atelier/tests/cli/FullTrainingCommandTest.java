package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.run.checkpoint.Checkpoint;
import io.atelier.actors.run.checkpoint.CheckpointStore;
import io.atelier.models.files.Sha256;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.TensorFiles;
import io.atelier.tests.golden.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code train model.train=full}, and what is done with such a run afterwards. */
@Timeout(180)
class FullTrainingCommandTest {

  @TempDir static Path shared;
  private static Path model;
  private static Path run;

  @TempDir Path folder;

  @BeforeAll
  static void train() throws IOException {
    model = TinyPipeline.changed(shared.resolve("model"), weights -> {});
    run = shared.resolve("run");
    Cli.done(train(run));
  }

  private static List<String> train(Path run, String... more) {
    List<String> command = new ArrayList<>(List.of("train", "run.dir=" + run));
    command.add("model.path=" + model);
    command.addAll(TinyPipeline.SHORT);
    command.addAll(
        List.of(
            "model.train=full",
            "run.steps=2",
            "learner.learning-rate=1e-3",
            "learner.kl=velocity",
            "learner.kl-weight=0.1",
            "reward.adversarial.weight=0",
            "reward.jpeg.weight=1"));
    command.addAll(List.of(more));
    return command;
  }

  private static JsonNode summary(Path run) throws IOException {
    return new ObjectMapper().readTree(run.resolve("summary.json").toFile());
  }

  private byte[] sample(Path model, String... more) throws IOException {
    Path image = folder.resolve("image.png");
    List<String> command = new ArrayList<>(List.of("sample", "--model", model.toString()));
    command.addAll(List.of("--prompt", "red apple", "--steps", "3", "--height", "64"));
    command.addAll(List.of("--threads", "1", "--out", image.toString()));
    command.addAll(List.of(more));
    Cli.done(command);
    return Files.readAllBytes(image);
  }

  @Test
  void shouldDrawWithTheRunAsWithItsExport() throws IOException {
    byte[] base = sample(TinyPipeline.path());
    byte[] trained = sample(TinyPipeline.path(), "--lora", run.toString());
    assertFalse(Arrays.equals(base, trained), "training changed nothing that shows");
    for (String average : List.of("", "--average")) {
      List<String> more = average.isEmpty() ? List.of() : List.of(average);
      Path pipeline = TinyPipeline.changed(folder.resolve("model" + average), weights -> {});
      Path out = pipeline.resolve("transformer");
      List<String> export =
          new ArrayList<>(List.of("export-model", run.toString(), "--out", out.toString()));
      export.addAll(more);
      Cli.done(export);
      List<String> lora = new ArrayList<>(List.of("--lora", run.toString()));
      lora.addAll(more);
      byte[] expected = sample(TinyPipeline.path(), lora.toArray(String[]::new));
      assertArrayEquals(expected, sample(pipeline), average);
      assertEquals(average.isEmpty(), Arrays.equals(trained, expected));
    }
  }

  /**
   * Both are of the same shapes; an adapter's run and its export are told apart in the same way.
   */
  @Test
  void shouldSayThatWeightsAreOfAnotherModelOfTheSameShapes() throws IOException {
    Path other =
        TinyPipeline.changed(
            folder.resolve("other"),
            weights -> weights.values().iterator().next().values()[0] += 1);
    Path adapted = folder.resolve("adapted");
    List<String> command = train(adapted, "run.steps=1");
    command.removeIf(word -> word.startsWith("model.train") || word.startsWith("learner."));
    command.add("learner.groups-per-step=2");
    Cli.done(command);
    Path lora = folder.resolve("lora");
    Cli.done(List.of("export-lora", adapted.toString(), "--out", lora.toString()));
    for (Path trained : List.of(run, adapted, lora)) {
      List<String> sample = new ArrayList<>(List.of("sample", "--prompt", "fox", "--steps", "2"));
      sample.addAll(List.of("--threads", "1", "--out", folder.resolve("fox.png").toString()));
      sample.addAll(List.of("--lora", trained.toString(), "--model"));
      List<String> own = new ArrayList<>(sample);
      own.add(model.toString());
      assertEquals(List.of(), Cli.done(own).err());
      sample.add(other.toString());
      String said = String.join("\n", Cli.done(sample).err());
      assertTrue(
          said.startsWith(
              "atelier: warning: --lora %s is put into another model than it was trained on. model: %s ("
                  .formatted(trained, other)),
          said);
      assertTrue(said.contains("trained on " + (trained == lora ? "model" : model) + " ("), said);
    }
    Cli begun =
        Cli.done(
            List.of(
                "train",
                "run.dir=" + folder.resolve("begun"),
                "model.path=" + other,
                "model.adapter.from=" + lora,
                "model.adapter.rank=2",
                "run.steps=1",
                "run.threads=1",
                "rollout.group-size=2",
                "rollout.height=64",
                "rollout.width=64",
                "rollout.steps=4",
                "learner.groups-per-step=2",
                "reward.adversarial.weight=0",
                "reward.jpeg.weight=1",
                "evaluation.every=0"));
    assertTrue(
        begun
            .out()
            .contains("warning: model.adapter.from %s was trained on another".formatted(lora)),
        begun.out());
  }

  @Test
  void shouldTrainTheWeightsOfSomeModulesAlone() throws IOException {
    Path some = folder.resolve("some");
    Cli.done(train(some, "model.targets=[attn.to_q, ff.net.2]"));
    Cli.done(List.of("train", "--resume", some.toString(), "run.steps=3"));
    Path pipeline = TinyPipeline.changed(folder.resolve("exported"), weights -> {});
    Cli.done(
        List.of(
            "export-model", some.toString(), "--out", pipeline.resolve("transformer").toString()));
    NamedTensors base = TensorFiles.load(TinyPipeline.weights(TinyPipeline.path()));
    NamedTensors trained = TensorFiles.load(TinyPipeline.weights(pipeline));
    assertEquals(base.names(), trained.names());
    for (String name : base.names()) {
      boolean same = Arrays.equals(base.get(name).values(), trained.get(name).values());
      assertEquals(!name.matches(".*\\.(attn\\.to_q|ff\\.net\\.2)\\.(weight|bias)"), same, name);
    }
    assertArrayEquals(sample(pipeline), sample(TinyPipeline.path(), "--lora", some.toString()));
  }

  @Test
  void shouldNotExportIntoTheShapesOfAnotherModel() throws IOException {
    Path config = model.resolve("transformer/config.json");
    String own = Files.readString(config);
    Path out = folder.resolve("out");
    try {
      Files.writeString(config, Files.readString(Golden.path("sd35-tiny/transformer/config.json")));
      Cli result = Cli.run("export-model", run.toString(), "--out", out.toString());
      assertEquals(2, result.code());
      assertTrue(
          result.err().get(0).contains("put the model of the run back"), result.err().toString());
      assertTrue(Files.notExists(out.resolve("config.json")));
    } finally {
      Files.writeString(config, own);
    }
  }

  /** A pipe in place of a file would be waited for, and a link to nothing be found at the end. */
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void shouldNotWaitForAPipeInTheFolderOfAnExport() throws IOException {
    Path out = Files.createDirectory(folder.resolve("piped"));
    new ProcessBuilder("mkfifo", out.resolve("config.json").toString()).start().onExit().join();
    Cli result = Cli.run("export-model", run.toString(), "--out", out.toString());
    assertEquals(2, result.code());
    assertTrue(
        result.err().get(0).contains("its config.json is not a file"), result.err().toString());
    Path link = folder.resolve("link");
    Files.createSymbolicLink(link, folder.resolve("nowhere"));
    Cli lost = Cli.run("export-model", run.toString(), "--out", link.toString());
    assertTrue(lost.err().get(0).contains("is a link to nothing; make"), lost.err().toString());
  }

  @Test
  void shouldExportEveryWeightUnderItsNameInHalfPrecisionToo() {
    NamedTensors base = TensorFiles.load(TinyPipeline.weights(TinyPipeline.path()));
    Path out = folder.resolve("transformer");
    Cli.done(
        List.of("export-model", run.toString(), "--type", "bfloat16", "--out", out.toString()));
    Path file = out.resolve("diffusion_pytorch_model.safetensors");
    NamedTensors written = TensorFiles.load(file);
    assertEquals(base.names(), written.names());
    SafetensorsFile stored = SafetensorsFile.open(file);
    stored.names().forEach(name -> assertEquals("BF16", stored.info(name).dtype(), name));
    Path checkpoint = run.resolve("checkpoints/step-000002");
    Checkpoint.policyWeights(checkpoint)
        .asMap()
        .forEach(
            (name, tensor) -> {
              float[] rounded = written.get(name).values();
              for (int i = 0; i < rounded.length; i++) {
                float value = tensor.values()[i];
                assertEquals(value, rounded[i], Math.abs(value) / 256 + 1e-30f, name);
              }
            });
  }

  @Test
  void shouldGoOnAfterBeingKilledWithTheSameBits() throws Exception {
    Path killed = folder.resolve("killed");
    try (ChildRun child = ChildRun.start(train(killed, "run.steps=5"))) {
      child.awaitLine("step 3 ");
      child.signal("KILL");
      assertEquals(137, child.await(), child.lines().toString());
    }
    assertTrue(Files.notExists(killed.resolve("summary.json")), "it was not killed in the middle");
    List<Path> kept = new CheckpointStore(killed.resolve("checkpoints"), 3).list();
    assertFalse(kept.stream().allMatch(p -> p.endsWith("step-000000")), "it begins again " + kept);
    Cli.done(List.of("train", "--resume", killed.toString()));
    Path straight = folder.resolve("straight");
    Cli.done(train(straight, "run.steps=5"));
    assertEquals(summary(straight).get("policyHash"), summary(killed).get("policyHash"));
    assertNotEquals(summary(run).get("policyHash"), summary(killed).get("policyHash"));
    Cli.done(List.of("verify", killed.toString()));
  }

  @Test
  void shouldGiveTheSameBitsWithMoreWorkers() throws IOException {
    Path helped = folder.resolve("helped");
    Cli.done(
        train(
            helped,
            "workers.rollout=2",
            "workers.gradient=2",
            "learner.gradient-checkpointing=on"));
    assertEquals(summary(run).get("policyHash"), summary(helped).get("policyHash"));
    double share = 0;
    for (String line : Files.readAllLines(helped.resolve("metrics.jsonl"))) {
      share += new ObjectMapper().readTree(line).path("learner/remote-share").asDouble();
    }
    assertTrue(share > 0, "no gradient worker helped");
  }

  @ParameterizedTest
  @CsvSource({
    "model.adapter.from=/nowhere/lora, adapter.from names an adapter",
    "workers.blob-megabytes=1 workers.gradient=1 model.path=emoji64, blob-megabytes",
  })
  void shouldRefuseWhatDoesNotGoTogether(String settings, String said) {
    Cli result = Cli.run(train(folder.resolve("run"), settings.split(" ")));
    assertEquals(2, result.code());
    assertTrue(result.err().get(0).contains(said), result.err().toString());
  }

  @Test
  void shouldSayWhichExportIsTheRightOneAndWhichModel() {
    Cli lora = Cli.run("export-lora", run.toString(), "--out", folder.resolve("o").toString());
    assertEquals(2, lora.code());
    assertTrue(lora.err().get(0).contains("./atelier export-model"), lora.err().toString());
    Path own = model.resolve("transformer");
    Cli over = Cli.run("export-model", run.toString(), "--out", own.toString());
    assertEquals(2, over.code());
    assertTrue(over.err().get(0).contains("the run began with"), over.err().toString());
    Path image = folder.resolve("a.png");
    Cli other =
        Cli.run(
            "sample",
            "--model",
            "emoji64",
            "--lora",
            run.toString(),
            "--prompt",
            "red apple",
            "--out",
            image.toString());
    assertEquals(2, other.code());
    assertTrue(other.err().get(0).contains("of another model"), other.err().toString());
    assertTrue(Files.notExists(image));
  }

  @ParameterizedTest
  @CsvSource({
    "., other weights: model_index.json",
    "text_encoder, other weights: model.safetensors",
    "vae, 'another model: its config.json'",
    "sharded, other weights: diffusion_pytorch_model.safetensors.index.json",
  })
  void shouldNotExportIntoAnotherModel(String out, String said) throws IOException {
    Path pipeline = TinyPipeline.changed(folder.resolve("model"), weights -> {});
    Path index = pipeline.resolve("sharded/diffusion_pytorch_model.safetensors.index.json");
    Files.createDirectories(index.getParent());
    Files.writeString(index, "{}");
    Path into = pipeline.resolve(out);
    String before = contents(into);
    Cli result = Cli.run("export-model", run.toString(), "--out", into.toString());
    assertEquals(2, result.code());
    assertTrue(result.err().get(0).contains(said), result.err().toString());
    assertEquals(before, contents(into));
  }

  /** Names and digests. */
  private static String contents(Path folder) throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        all.append(file).append(' ').append(Sha256.of(file)).append('\n');
      }
    }
    return all.toString();
  }

  @Test
  void shouldPlanTheMemoryOfAllWeights() {
    List<String> plan =
        new ArrayList<>(train(folder.resolve("run"), "workers.rollout=1", "workers.gradient=0"));
    plan.set(0, "plan");
    String full = Cli.done(plan).out();
    assertTrue(full.contains("all of its 0.12 M parameters are trained"), full);
    // weights of a sampler, weights and gradients of the learner and 4 of its optimizer; in the
    // heap 6 copies and 2
    double bytes = 4.0 * 120_000;
    String trained = full.replaceFirst("(?s).* ([0-9.]+) MiB trained weights.*", "$1");
    assertEquals((1 + 2 + 4 + 6 + 2) * bytes / (1 << 20), Double.parseDouble(trained), 0.3, full);
  }
}
