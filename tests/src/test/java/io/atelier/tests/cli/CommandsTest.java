package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.models.cache.CacheFolder;
import io.atelier.models.lora.LoraFile;
import io.atelier.models.lora.LoraWeights;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.safetensors.SafetensorsWriter;
import io.atelier.tests.golden.Golden;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands around a run, on the tiny model. */
@Timeout(120)
class CommandsTest {

  @TempDir static Path shared;
  private static Path run;

  @TempDir Path folder;

  @BeforeAll
  static void train() {
    run = shared.resolve("run");
    List<String> command = new ArrayList<>(List.of("train", "run.dir=" + run));
    command.add("model.path=" + TinyPipeline.path());
    command.addAll(TinyPipeline.SHORT);
    command.addAll(List.of("reward.adversarial.weight=0", "reward.jpeg.weight=1"));
    command.add("learner.learning-rate=0.1");
    Cli result = Cli.run(command);
    assertEquals(0, result.code(), result.err().toString());
  }

  private static Cli done(String... arguments) {
    Cli result = Cli.run(arguments);
    assertEquals(0, result.code(), result.err().toString());
    assertEquals(List.of(), result.err());
    return result;
  }

  private Path sample(String name, String... more) {
    Path out = folder.resolve(name + ".png");
    List<String> command = new ArrayList<>(List.of("sample", "--threads", "1", "--steps", "3"));
    command.addAll(List.of("--model", TinyPipeline.path().toString(), "--prompt", "a red fox"));
    command.addAll(List.of("--out", out.toString()));
    command.addAll(List.of(more));
    done(command.toArray(String[]::new));
    return out;
  }

  /** No matrix of the tiny model is large enough to be kept in another type. */
  @Test
  void shouldWarnOfAStorageThatChangesNothing() {
    List<String> command =
        List.of("sample", "--model", TinyPipeline.path().toString(), "--prompt", "a red fox");
    List<String> more = new ArrayList<>(command);
    more.addAll(List.of("--steps", "2", "--threads", "1", "--storage", "bfloat16", "--out"));
    more.add(folder.resolve("kept.png").toString());
    Cli result = Cli.run(more.toArray(String[]::new));
    assertEquals(0, result.code(), result.err()::toString);
    assertTrue(
        result.err().toString().contains("warning: --storage bfloat16 changes no weight of"),
        result.err()::toString);
  }

  @Test
  void shouldSampleTheSameImageForTheSameSeedOnly() throws IOException {
    Path first = sample("first", "--seed", "7");
    assertArrayEquals(
        Files.readAllBytes(first), Files.readAllBytes(sample("second", "--seed", "7")));
    assertFalse(
        java.util.Arrays.equals(
            Files.readAllBytes(first), Files.readAllBytes(sample("third", "--seed", "8"))));
    BufferedImage image = ImageIO.read(first.toFile());
    assertEquals(image.getWidth(), image.getHeight());
  }

  @Test
  void shouldWriteLatentsFromWhichTheSampleCanBeRepeated() {
    Path latents = folder.resolve("latents.safetensors");
    sample("image", "--latents-out", latents.toString());
    SafetensorsFile file = SafetensorsFile.open(latents);
    assertEquals(java.util.Set.of("initial", "final"), file.names());
    long[] shape = file.info("initial").shape();
    assertEquals(4, shape.length);
    assertEquals(1, shape[0]);
    assertArrayEquals(shape, file.info("final").shape());
    float[] initial = file.floats("initial");
    double square = 0;
    for (float value : initial) {
      square += value * value;
    }
    assertEquals(1, square / initial.length, 0.2, "the start is no standard noise");
  }

  @Test
  void shouldPrintTheModelFolderAndDrawNothing() throws IOException {
    Cli result = done("sample", "--model", TinyPipeline.path().toString(), "--print-model");
    assertTrue(Files.isSameFile(Path.of(result.out().strip()), TinyPipeline.path()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"diffusers", "peft"})
  void shouldExportAnAdapterThatDrawsAsTheCheckpointDoes(String format) throws IOException {
    Path lora = folder.resolve("lora");
    done("export-lora", run.toString(), "--format", format, "--out", lora.toString());
    LoraWeights written = LoraFile.read(lora, Golden.maps("sd3-tiny"));
    assertEquals(2, written.rank());
    assertEquals(format.equals("peft") ? 64 : 2, written.alpha(), "the scale is folded or named");
    byte[] exported = Files.readAllBytes(sample("exported", "--lora", lora.toString()));
    byte[] checkpoint = Files.readAllBytes(sample("checkpoint", "--lora", run.toString()));
    byte[] base = Files.readAllBytes(sample("base"));
    assertArrayEquals(checkpoint, exported);
    assertFalse(java.util.Arrays.equals(base, exported), "the adapter changes nothing");
  }

  @Test
  void shouldDrawWithAnAdapterInTheLayoutOfAnotherTrainer() throws IOException {
    Path lora = folder.resolve("peft");
    done("export-lora", run.toString(), "--format", "peft", "--out", lora.toString());
    LoraWeights adapter = LoraFile.read(lora, Golden.maps("sd3-tiny"));
    SafetensorsWriter writer = new SafetensorsWriter();
    adapter
        .modules()
        .forEach(
            (map, pair) -> {
              String name = "lora_unet_" + map.replace('.', '_');
              writer.add(name + ".lora_down.weight", pair.a().shape(), pair.a().values());
              writer.add(name + ".lora_up.weight", pair.b().shape(), pair.b().values());
              writer.add(name + ".alpha", new long[0], new float[] {(float) adapter.alpha()});
            });
    Path kohya = folder.resolve("kohya.safetensors");
    writer.write(kohya);
    assertArrayEquals(
        Files.readAllBytes(sample("checkpoint", "--lora", run.toString())),
        Files.readAllBytes(sample("kohya", "--lora", kohya.toString())));
  }

  @Test
  void shouldAddUpSeveralAdaptersByWeight() throws IOException {
    String whole = run.toString();
    byte[] expected = Files.readAllBytes(sample("whole", "--lora", whole));
    sample("halves", "--lora", whole + ":0.5", "--lora", whole + ":0.5");
    BufferedImage first = ImageIO.read(folder.resolve("whole.png").toFile());
    BufferedImage second = ImageIO.read(folder.resolve("halves.png").toFile());
    double distance = 0;
    for (int i = 0; i < first.getWidth() * first.getHeight(); i++) {
      int x = i % first.getWidth();
      int y = i / first.getWidth();
      distance += Math.abs((first.getRGB(x, y) & 255) - (second.getRGB(x, y) & 255));
    }
    assertTrue(distance / first.getWidth() / first.getHeight() < 0.5, "halves: " + distance);
    byte[] one = Files.readAllBytes(sample("one", "--lora", whole + ":0.5"));
    assertFalse(java.util.Arrays.equals(expected, one), "half of it is not all of it");

    Cli wrong =
        Cli.run(
            "sample",
            "--model",
            TinyPipeline.path().toString(),
            "--prompt",
            "x",
            "--lora",
            whole + ":0",
            "--out",
            folder.resolve("x.png").toString());
    assertEquals(2, wrong.code());
    assertTrue(wrong.err().toString().contains("must be a number other than 0"));
  }

  @Test
  void shouldExportTheMovingAverage() throws IOException {
    Path lora = folder.resolve("lora");
    done("export-lora", run.toString(), "--average", "--out", lora.toString());
    byte[] exported = Files.readAllBytes(sample("exported", "--lora", lora.toString()));
    assertArrayEquals(
        Files.readAllBytes(sample("average", "--lora", run.toString(), "--average")), exported);
    byte[] last = Files.readAllBytes(sample("last", "--lora", run.toString()));
    assertFalse(java.util.Arrays.equals(last, exported), "the average is the last weights");
  }

  @Test
  void shouldPlanWhatARunDoes() throws IOException {
    List<String> command = new ArrayList<>(List.of("plan"));
    command.add("model.path=" + TinyPipeline.path());
    command.addAll(TinyPipeline.SHORT);
    Cli plan = done(command.toArray(String[]::new));
    JsonNode summary = new ObjectMapper().readTree(run.resolve("summary.json").toFile());
    assertTrue(
        plan.out().contains("3 steps = %d images".formatted(summary.get("images").asInt())),
        plan.out());
    assertTrue(plan.out().contains("2 groups x 2 images = 4 images"), plan.out());
    assertTrue(plan.out().contains("at most 0 policy and 0 critic versions"), plan.out());
    command.add("run.dir=" + run);
    assertEquals(2, Cli.run(command).code());
    assertFalse(Files.exists(Path.of("runs")), "a plan made a folder");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sampling", "training"})
  void shouldPrintABenchmarkAsOneLineOfJson(String kind) throws IOException {
    Map<String, String> before = speeds(kind);
    Cli bench =
        done(
            "bench",
            kind,
            "--model",
            TinyPipeline.path().toString(),
            "--json",
            "--threads",
            "1",
            "--group",
            "2",
            "--steps",
            "4",
            "--rank",
            "2",
            "--repeats",
            "3");
    assertEquals(1, bench.out().lines().count());
    assertNotEquals(before, speeds(kind), "it kept no speed");
    assertKept(kind);
    JsonNode result = new ObjectMapper().readTree(bench.out());
    assertEquals(kind, result.get("bench").asText());
    double min = result.get("min").asDouble();
    double median = result.get("median").asDouble();
    assertTrue(0 < min && min <= median && median <= result.get("max").asDouble(), bench.out());
    assertEquals(2, result.get("group").asInt());
  }

  /** What is kept of such benchmarks, with the times at which they were run. */
  private static Map<String, String> speeds(String kind) throws IOException {
    Map<String, String> speeds = new TreeMap<>();
    Path folder = Files.createDirectories(CacheFolder.get().resolve("bench"));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, kind + "-*.json")) {
      for (Path file : files) {
        speeds.put(file.toString(), Files.readString(file));
      }
    }
    return speeds;
  }

  /** A run under the same conditions is told its time, or what of it was not measured. */
  private static void assertKept(String kind) {
    List<String> command = new ArrayList<>(List.of("plan", "model.path=" + TinyPipeline.path()));
    command.addAll(TinyPipeline.SHORT);
    command.add("rollout.guidance=4.5");
    String plan = done(command.toArray(String[]::new)).out();
    boolean known = plan.contains(" s a step: ");
    assertTrue(known || !plan.contains("bench " + kind), plan);
  }

  @Test
  void shouldMeasureABroadcastToOtherProcesses() throws IOException {
    Cli bench =
        Cli.run(
            "bench",
            "broadcast",
            "--json",
            "--megabytes",
            "1",
            "--receivers",
            "2",
            "--repeats",
            "3",
            "--warm-up",
            "0");
    assertEquals(0, bench.code(), bench.err()::toString);
    JsonNode result = new ObjectMapper().readTree(bench.out());
    assertEquals("broadcast", result.get("bench").asText());
    assertFalse(result.get("pinned").asBoolean());
    assertTrue(
        bench.err().contains("shared, 1 MiB to 2: starting processes"), bench.err()::toString);
    List<String> ways = new ArrayList<>();
    for (JsonNode row : result.get("rows")) {
      ways.add(row.get("way").asText());
      double min = row.get("min").asDouble();
      double median = row.get("median").asDouble();
      assertTrue(0 < min && min <= median && median <= row.get("max").asDouble(), bench.out());
    }
    assertEquals(List.of("copy", "shared", "aeron", "tcp", "artery"), ways);
  }

  @Test
  void shouldShowHelpOfEveryCommandWithAnExample() {
    String all = done("--help").out();
    for (String command :
        List.of(
            "train",
            "plan",
            "verify",
            "sample",
            "eval",
            "export-lora",
            "export-model",
            "bench",
            "pretrain",
            "doctor")) {
      assertTrue(all.contains("\n  " + command + " "), command + " is not listed");
      String help = done(command, "--help").out();
      assertTrue(help.contains("Example"), help);
      assertTrue(help.contains("./atelier " + command), help);
    }
    assertTrue(done("--version").out().startsWith("atelier "));
  }

  @Test
  void shouldFindThisMachineInOrder() {
    Cli doctor = Cli.run("doctor", "--threads", "1");
    List<String> bad = doctor.out().lines().filter(line -> line.startsWith("FAIL")).toList();
    assertEquals(bad.isEmpty() ? 0 : 1, doctor.code());
    assertTrue(
        bad.stream().allMatch(line -> line.contains("embedded model emoji64 is not")),
        doctor.out());
    for (String name :
        List.of(
            "java",
            "heap",
            "pictures",
            "disk",
            "locale",
            "temporary files",
            "cache",
            "memory of nodes",
            "UDP buffers",
            "libtorch",
            "onnxruntime")) {
      assertTrue(
          doctor.out().lines().anyMatch(line -> line.startsWith("ok    " + name)), doctor.out());
    }
  }
}
