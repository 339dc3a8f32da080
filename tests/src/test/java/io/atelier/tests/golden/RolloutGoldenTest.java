package io.atelier.tests.golden;

import static io.atelier.tests.golden.Golden.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.lora.LoraFile;
import io.atelier.models.lora.LoraWeights;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.MmditAdapter;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.flow.SigmaSchedule;
import io.atelier.rollout.flow.StepKernel;
import io.atelier.rollout.flow.StepKind;
import io.atelier.rollout.sampler.Conditions;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.LatentPath;
import io.atelier.rollout.sampler.LatentType;
import io.atelier.rollout.sampler.Latents;
import io.atelier.rollout.sampler.VelocityField;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sampling with adapter and guidance, the noise given by the file. */
@Tag("golden")
class RolloutGoldenTest {
  private static final double VELOCITY = 5e-5;
  private static final double PATH = 2e-3;

  private final JsonNode config = Golden.json("rollout", "case.json");
  private NDManager scope;
  private DiffusionModel model;
  private VelocityField field;
  private SigmaSchedule schedule;
  private Conditions conditions;

  @BeforeEach
  void open() {
    scope = Torch.newScope();
    Torch.enter(false);
    model = GoldenPrompts.model(scope, config);
    LoraWeights lora = LoraFile.read(Golden.path("rollout", "lora"), Golden.maps("sd35-tiny"));
    MmditAdapter adapter =
        new MmditAdapter(scope, model.network(), AdapterConfig.of(lora.rank(), lora.alpha()));
    adapter.weights().load(lora.tensors());
    adapter.attach();
    field = new VelocityField(model.network(), config.get("guidance").asDouble());
    schedule = model.schedule(config.get("steps").asInt());
    List<String> prompts = new ArrayList<>();
    config.get("prompts").forEach(prompt -> prompts.add(prompt.asText()));
    conditions = GoldenPrompts.conditions(scope, model, config.get("negative").asText(), prompts);
  }

  @AfterEach
  void close() {
    model.close();
    scope.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = StepKind.class,
      names = {"SDE", "CPS"})
  void shouldFollowTheReferencesPath(StepKind kind) {
    String key = kind.name().toLowerCase(Locale.ROOT);
    SafetensorsFile file = Golden.tensors("rollout", key + ".safetensors");
    assertClose("sigmas", file.floats("sigmas"), schedule.sigmas(), 1e-7);
    int first = config.get(key).get("window_first").asInt();
    int length = config.get(key).get("window_end").asInt() - first;
    LatentPath path =
        new LatentPath(
            field,
            schedule,
            kind,
            config.get(key).get("noise_level").asDouble(),
            LatentType.FLOAT32,
            0,
            false);
    LatentPath.Result result =
        path.run(
            scope,
            row(file, "latents", 0),
            1,
            shape(file),
            conditions,
            first,
            length,
            step -> row(file, "noise", step - first));

    int batch = result.trajectory().logProb().length / length;
    for (int t = 0; t < length; t++) {
      String what = key + " step " + (first + t);
      assertEquals(first + t, result.trajectory().stepIndex()[t]);
      assertClose(what, row(file, "latents", first + t + 1), result.trajectory().after(t), PATH);
      assertClose(
          what + " log-probability",
          row(file, "logp", t),
          Arrays.copyOfRange(result.trajectory().logProb(), t * batch, (t + 1) * batch),
          2e-6 + PATH * 1e-2);
    }
    assertClose(key, row(file, "latents", schedule.steps()), Host.floats(result.latents()), PATH);
  }

  @Test
  void shouldGiveTheGuidedVelocityOfEveryStep() {
    SafetensorsFile file = Golden.tensors("rollout", "cps.safetensors");
    for (int step = 0; step < schedule.steps(); step++) {
      float[] velocity = Host.floats(velocity(file, step));
      assertClose("step " + step, row(file, "velocity", step), velocity, VELOCITY);
      assertEquals(file.floats("timesteps")[step], schedule.timestep(step));
    }
  }

  @Test
  void shouldTakeTheLastStepStochasticallyToo() {
    SafetensorsFile file = Golden.tensors("rollout", "sde.safetensors");
    Golden.requireOrSkip(file.contains("last.noise"), "last.noise");
    int last = schedule.steps() - 1;
    double level = config.get("sde").get("noise_level").asDouble();
    StepKernel kernel = StepKernel.of(StepKind.SDE, schedule, last, level);
    NDArray v = velocity(file, last);
    int[] shape = shape(file);
    NDArray mean = kernel.mean(Latents.of(scope, row(file, "latents", last), shape), v);
    NDArray next = kernel.next(mean, Latents.of(scope, file.floats("last.noise"), shape));
    assertClose("last", file.floats("last.latents"), Host.floats(next), 5e-5);
    float[] expected = file.floats("last.logp");
    float[] logProbs = Host.floats(kernel.logProbs(mean, next));
    for (int i = 0; i < expected.length; i++) {
      // Residuals are divided by a deviation of 0.006: rounding of the latents shows.
      assertEquals(expected[i], logProbs[i], 1e-4);
    }
  }

  private NDArray velocity(SafetensorsFile file, int step) {
    NDArray x = Latents.of(scope, row(file, "latents", step), shape(file));
    return field.velocity(scope, x, schedule.timestep(step), conditions);
  }

  private static int[] shape(SafetensorsFile file) {
    long[] whole = file.info("latents").shape();
    return new int[] {(int) whole[2], (int) whole[3], (int) whole[4]};
  }

  private static float[] row(SafetensorsFile file, String name, int row) {
    float[] all = file.floats(name);
    int length = all.length / (int) file.info(name).shape()[0];
    return Arrays.copyOfRange(all, row * length, (row + 1) * length);
  }
}
