package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.run.checkpoint.Checkpoint;
import io.atelier.actors.run.checkpoint.CheckpointStore;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.folder.RunIdentity;
import io.atelier.models.lora.LoraFile;
import io.atelier.models.lora.LoraLayout;
import io.atelier.models.lora.LoraWeights;
import io.atelier.models.lora.LoraWeights.Pair;
import io.atelier.models.safetensors.DType;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.tests.golden.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that begins with an adapter, {@code model.adapter.from}. */
@Timeout(240)
class WarmStartTest {

  private static final String TARGETS =
      "model.adapter.targets=[attn.to_q,attn.to_v,ff.net.0.proj,ff_context.net.2]";

  /** So small that no weight changes in float32. */
  private static final String STILL = "learner.learning-rate=1e-30";

  @TempDir static Path shared;
  private static Path first;

  @TempDir Path folder;

  @BeforeAll
  static void train() {
    first = shared.resolve("first");
    Cli result = train(first, TARGETS, "learner.learning-rate=0.1", "run.steps=2");
    assertEquals(0, result.code(), result.err().toString());
  }

  private static Cli train(Path run, String... more) {
    List<String> command = new ArrayList<>(List.of("train", "run.dir=" + run));
    command.add("model.path=" + TinyPipeline.path());
    command.addAll(TinyPipeline.SHORT);
    command.addAll(List.of("reward.adversarial.weight=0", "reward.jpeg.weight=1"));
    command.addAll(List.of(more));
    return Cli.run(command);
  }

  private Path export(String format) {
    Path lora = folder.resolve(format);
    Cli result = Cli.run("export-lora", first.toString(), "--format", format, "--out", "" + lora);
    assertEquals(0, result.code(), result.err().toString());
    return lora;
  }

  private static NamedTensors weights(Path run) {
    return Checkpoint.policyWeights(
        new CheckpointStore(new RunFiles(run).checkpoints(), 1).list().get(0));
  }

  private byte[] sample(Path lora) throws IOException {
    Path out = folder.resolve("sample.png");
    List<String> command = new ArrayList<>(List.of("sample", "--threads", "1", "--steps", "3"));
    command.addAll(List.of("--model", "" + TinyPipeline.path(), "--prompt", "a red fox"));
    command.addAll(List.of("--lora", lora.toString(), "--out", out.toString()));
    Cli result = Cli.run(command);
    assertEquals(0, result.code(), result.err().toString());
    return Files.readAllBytes(out);
  }

  @ParameterizedTest
  @ValueSource(strings = {"peft", "diffusers"})
  void shouldBeginWithTheWeightsOfAnExportAndGoOnWithoutIt(String format) throws IOException {
    Path lora = export(format);
    Path run = folder.resolve("run");
    Cli result = train(run, TARGETS, STILL, "run.steps=1", "model.adapter.from=" + lora);
    assertEquals(0, result.code(), result.err().toString());
    assertEquals(weights(first).contentHash(), weights(run).contentHash());
    assertArrayEquals(sample(lora), sample(run));
    assertEquals("verified", lastLine(Cli.run("verify", run.toString())));

    for (Path file : LoraFile.files(lora)) {
      Files.delete(file);
    }
    Cli resumed = Cli.run("train", "--resume", run.toString(), "run.steps=2");
    assertEquals(0, resumed.code(), resumed.err().toString());
    assertEquals(weights(first).contentHash(), weights(run).contentHash());
    Cli verified = Cli.run("verify", run.toString());
    assertEquals(0, verified.code(), verified.err().toString());
  }

  private static String lastLine(Cli result) {
    List<String> lines = result.out().lines().toList();
    return lines.isEmpty() ? result.err().toString() : lines.get(lines.size() - 1);
  }

  @Test
  void shouldSayWhatToDoWithARun() {
    for (Path from : List.of(first, first.resolve("checkpoints/step-000001"))) {
      Cli result = train(folder.resolve("run"), TARGETS, "model.adapter.from=" + from);
      assertEquals(2, result.code(), result.err().toString());
      String line = result.err().get(0);
      assertTrue(line.contains("model.adapter.from: " + from + " is a run or a"), line);
      assertTrue(line.contains("export-lora"), line);
    }
  }

  @Test
  void shouldBeAnotherRunWithAnotherAdapterAndSaySo() throws IOException {
    Path lora = export("diffusers");
    List<String> fingerprints = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Path run = folder.resolve("run" + i);
      Cli result = train(run, TARGETS, STILL, "run.steps=1", "model.adapter.from=" + lora);
      assertEquals(0, result.code(), result.err().toString());
      RunIdentity identity = RunIdentity.read(new RunFiles(run)).orElseThrow();
      assertTrue(identity.now().parts().containsKey("adapter"));
      fingerprints.add(identity.fingerprint());
      Path out = folder.resolve("out" + i);
      Cli.done("export-lora", run.toString(), "--out", out.toString());
      String card = Files.readString(out.resolve("README.md"));
      String digest = identity.now().parts().get("adapter").digest();
      assertTrue(
          card.contains("- began with %s, SHA-256 %s\n".formatted(lora.getFileName(), digest)),
          card);
      LoraFile.write(
          lora,
          LoraFile.read(lora, Golden.maps("sd3-tiny")).rescaled(1),
          LoraLayout.DIFFUSERS,
          DType.F32,
          Map.of());
    }
    LoraWeights written = LoraFile.read(lora, Golden.maps("sd3-tiny"));
    assertEquals(1, written.scale(), "the second run began with the file as it was");
    RunIdentity plain = RunIdentity.read(new RunFiles(first)).orElseThrow();
    assertFalse(plain.now().parts().containsKey("adapter"));
    assertNotEquals(fingerprints.get(0), plain.fingerprint());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model.adapter.rank=3 | rank 2, but model.adapter.rank is 3; set model.adapter.rank=2",
        "model.adapter.targets=[attn.to_q,attn.to_v,ff.net.0.proj]"
            + " | transformer_blocks.1.ff_context.net.2, which model.adapter.targets leaves out; set"
            + " model.adapter.targets=[attn.to_q,attn.to_v,ff.net.0.proj,ff_context.net.2]",
        "model.adapter.targets=[attn.to_q,attn.to_v,ff.net.0.proj,ff_context.net.2,proj_out]"
            + " | does not adapt proj_out of model.adapter.targets; set"
            + " model.adapter.targets=[attn.to_q,attn.to_v,ff.net.0.proj,ff_context.net.2]",
        "model.adapter.from=/nowhere | /nowhere",
      })
  void shouldSayInOneLineWhatDoesNotFit(String setting, String told) {
    Path lora = export("peft");
    Path run = folder.resolve("run");
    Cli result = train(run, TARGETS, "model.adapter.from=" + lora, setting);
    assertEquals(2, result.code(), result.err().toString());
    assertEquals(1, result.err().size(), result.err().toString());
    assertTrue(result.err().get(0).contains("model.adapter.from: "), result.err().get(0));
    assertTrue(result.err().get(0).contains(told), result.err().get(0));
    assertTrue(Files.notExists(run), "nothing is left behind");
  }

  @Test
  void shouldRefuseRanksThatWouldNeverLearn() {
    LoraWeights whole = LoraFile.read(export("peft"), Golden.maps("sd3-tiny"));
    TreeMap<String, Pair> modules = new TreeMap<>(whole.modules());
    Pair pair = modules.get("transformer_blocks.0.attn.to_q");
    float[] a = pair.a().values().clone();
    float[] b = pair.b().values().clone();
    Arrays.fill(a, a.length / 2, a.length, 0);
    for (int i = 1; i < b.length; i += 2) {
      b[i] = 0;
    }
    modules.put(
        "transformer_blocks.0.attn.to_q",
        new Pair(new Tensor(pair.a().shape(), a), new Tensor(pair.b().shape(), b)));
    Path padded = folder.resolve("padded");
    LoraFile.write(
        padded, new LoraWeights(2, whole.alpha(), modules), LoraLayout.PEFT, DType.F32, Map.of());
    Cli result = train(folder.resolve("run"), TARGETS, "model.adapter.from=" + padded);
    assertEquals(2, result.code(), result.err().toString());
    assertTrue(
        result.err().get(0).contains("1 of the 2 ranks of transformer_blocks.0.attn.to_q"),
        result.err().get(0));
  }
}
