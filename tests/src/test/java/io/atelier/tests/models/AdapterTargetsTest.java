package io.atelier.tests.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.Mmdit;
import io.atelier.models.sd3.MmditAdapter;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.tensor.Autograd;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.WeightSource;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.tests.golden.Golden;
import io.atelier.tests.rollout.TinyModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An adapter of any linear map does what its formula says. */
class AdapterTargetsTest {

  private static final int RANK = 2;
  private static final double ALPHA = 3;

  private NDManager scope;
  private Mmdit network;

  @BeforeEach
  void enter() {
    Torch.enter(true);
    scope = Torch.newScope();
    network = new PipelineFolder(Golden.path("sd35-tiny")).loadTransformer(scope);
  }

  @AfterEach
  void leave() {
    scope.close();
    Torch.enter(false);
  }

  private MmditAdapter adapter(String... targets) {
    MmditAdapter adapter =
        new MmditAdapter(scope, network, new AdapterConfig(RANK, ALPHA, List.of(targets)));
    adapter.weights().load(TinyModel.noisy(adapter.weights().export(), 3, 0.1));
    return adapter;
  }

  private NDArray normals(int place, long... shape) {
    int size = (int) Arrays.stream(shape).reduce(1, Math::multiplyExact);
    GroupId id = new GroupId(0, place);
    return Host.toNative(
        scope, new GroupNoise(7).normals(Purpose.EVALUATION, id, 0, 1, size), shape);
  }

  private NDArray velocity(Mmdit of) {
    MmditConfig config = of.config();
    return of.forward(
        normals(0, 4, config.channels(), 8, 4),
        scope.full(new Shape(2), 700, DataType.FLOAT32),
        normals(1, 2, 5, config.jointDim()),
        normals(2, 2, config.pooledDim()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ff.net.0.proj",
        "ff.net.2",
        "ff_context.net.0.proj",
        "ff_context.net.2",
        "attn2.to_k",
        "attn2.to_out.0",
        "norm1.linear",
        "norm1_context.linear",
        "norm_out.linear",
        "context_embedder",
        "proj_out",
        "attn.add_v_proj"
      })
  void shouldComputeAsANetworkWithChangedWeights(String target) {
    float[] base = Host.floats(velocity(network));
    MmditAdapter adapter = adapter(target);
    NamedTensors weights = changed(network.weights().export(), adapter.weights().export());
    Mmdit changed = new Mmdit(scope, network.config(), WeightSource.of("changed", weights));
    float[] expected = Host.floats(velocity(changed));
    assertTrue(distance(base, expected) > 1e-3, "the adapter changes something");
    adapter.attach();
    assertTrue(distance(expected, Host.floats(velocity(network))) < 2e-5, "attached");
    adapter.merge();
    float[] merged = Host.floats(velocity(network));
    assertTrue(distance(expected, merged) < 2e-5, "merged");
    adapter.attachMerged();
    assertArrayEquals(merged, Host.floats(velocity(network)));
    assertArrayEquals(
        merged, Torch.withGradients(false, () -> Host.floats(velocity(network))), "unrecorded");
    assertArrayEquals(base, adapter.without(() -> Host.floats(velocity(network))));
    assertArrayEquals(merged, Host.floats(velocity(network)));
    adapter.detach();
    assertArrayEquals(base, Host.floats(velocity(network)));
  }

  /** W + alpha / rank B A, in float64. */
  private static NamedTensors changed(NamedTensors weights, NamedTensors adapter) {
    Map<String, Tensor> changed = new TreeMap<>(weights.asMap());
    for (String name : adapter.names()) {
      if (name.endsWith(".lora_A.weight")) {
        String module = name.replace(".lora_A.weight", "");
        float[] a = adapter.get(name).values();
        float[] b = adapter.get(module + ".lora_B.weight").values();
        Tensor old = weights.get(module + ".weight");
        int in = (int) old.shape()[1];
        float[] sum = old.values().clone();
        for (int i = 0; i < sum.length; i++) {
          double product = 0;
          for (int k = 0; k < RANK; k++) {
            product += (double) b[i / in * RANK + k] * a[k * in + i % in];
          }
          sum[i] += (float) (ALPHA / RANK * product);
        }
        changed.put(module + ".weight", new Tensor(old.shape(), sum));
      }
    }
    return new NamedTensors(changed);
  }

  private static double distance(float[] expected, float[] actual) {
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i] - actual[i]));
    }
    return largest;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldGiveTheGradientsOfFiniteDifferences(boolean merged) {
    MmditAdapter adapter =
        adapter(
            "ff.net.0.proj", "ff_context.net.2", "norm1.linear", "context_embedder", "attn.to_k");
    NamedTensors weights = adapter.weights().export();
    adapter.weights().train();
    if (merged) {
      adapter.attachMerged();
    } else {
      adapter.attach();
    }
    NDArray velocity = velocity(network);
    float[] upstream = Host.floats(normals(3, velocity.getShape().getShape()));
    Autograd.backward(velocity, normals(3, velocity.getShape().getShape()));
    NamedTensors gradients = adapter.weights().gradients();
    for (String name : weights.names()) {
      float[] gradient = gradients.get(name).values();
      double length = 0;
      for (float value : gradient) {
        length += (double) value * value;
      }
      length = Math.sqrt(length);
      double step = 0.01;
      double[] product = new double[2];
      for (int side = 0; side < 2; side++) {
        float[] moved = weights.get(name).values().clone();
        for (int i = 0; i < moved.length; i++) {
          moved[i] += (float) ((side == 0 ? -step : step) * gradient[i] / length);
        }
        Map<String, Tensor> all = new TreeMap<>(weights.asMap());
        all.put(name, new Tensor(weights.get(name).shape(), moved));
        adapter.weights().load(new NamedTensors(all));
        float[] values = Host.floats(velocity(network));
        for (int i = 0; i < values.length; i++) {
          product[side] += (double) values[i] * upstream[i];
        }
      }
      double measured = (product[1] - product[0]) / (2 * step);
      assertEquals(length, measured, 5e-3 * length + 1e-4, name);
    }
  }

  @Test
  void shouldListWhatThereIsWhereATargetMatchesNothing() {
    for (String wrong :
        List.of("ff.net.1", "attn3.to_q", "time_text_embed.text_embedder.linear_1")) {
      List<String> targets = new ArrayList<>(AdapterConfig.JOINT_ATTENTION);
      targets.add(wrong);
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () ->
                      MmditAdapter.shapes(
                          network.config(), new AdapterConfig(RANK, ALPHA, targets)))
              .getMessage();
      assertTrue(message.startsWith("targets has \"" + wrong + "\""), message);
      assertTrue(message.contains("attn2.to_v, context_embedder, ff.net.0.proj"), message);
    }
  }

  @Test
  void shouldLeaveTheDefaultAsItWas() {
    assertEquals(
        46, // 2 factors of 3 blocks with 8 maps, of which the last lacks one
        MmditAdapter.shapes(network.config(), AdapterConfig.of(4, 8)).size());
  }
}
