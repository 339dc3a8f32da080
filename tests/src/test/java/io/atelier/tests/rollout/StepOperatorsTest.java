package io.atelier.tests.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.djl.ndarray.NDArray;
import io.atelier.models.safetensors.Bfloat16;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.TorchOps;
import io.atelier.rollout.flow.SigmaSchedule;
import io.atelier.rollout.flow.StepKernel;
import io.atelier.rollout.flow.StepKind;
import io.atelier.tests.toy.NativeScope;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The operators of a denoising step give the bits of plain Java, on the CPU. */
class StepOperatorsTest extends NativeScope {
  private static final SigmaSchedule TEN = SigmaSchedule.shifted(10, 3, 1000);

  private final Random random = new Random(5);

  @ParameterizedTest
  @CsvSource({
    "ODE, 0, 3, 35",
    "SDE, 0.7, 1, 1",
    "SDE, 0.7, 3, 35",
    "SDE, 0.7, 5, 4096",
    "CPS, 0.8, 1, 4097",
    "CPS, 0.8, 4, 37",
    "CPS, 0.8, 2, 65536"
  })
  void shouldGiveTheBitsOfJava(StepKind kind, double level, int batch, int elements) {
    for (int step = 0; step < TEN.steps() - 1; step++) {
      StepKernel kernel = StepKernel.of(kind, TEN, step, level);
      JavaStep java = new JavaStep(kernel);
      float[] x = normals(batch * elements);
      float[] v = normals(batch * elements);
      float[] noise = normals(batch * elements);
      NDArray mean = kernel.mean(latents(x, batch), latents(v, batch));
      NDArray next = kernel.next(mean, latents(noise, batch));
      float[] drawn = java.next(x, v, noise);

      assertSame(java.means(x, v), Host.floats(mean));
      assertSame(drawn, Host.floats(next));
      if (kind.stochastic()) {
        float[] logProbs = new float[batch];
        double[] gradient = new double[x.length];
        double[] upstream = random.doubles(batch, -1, 1).toArray();
        upstream[0] = 0; // a sample outside of the clip range
        for (int i = 0; i < batch; i++) {
          int at = i * elements;
          logProbs[i] = java.logProb(x, v, drawn, at, elements);
          java.addLogProbGradient(x, v, drawn, at, elements, upstream[i], gradient);
        }
        assertSame(logProbs, Host.floats(kernel.logProbs(mean, next)));
        assertSame(gradient, Host.doubles(kernel.logProbGradient(mean, next, upstream)));
      }
    }
  }

  @Test
  void shouldGuideAsJavaDoes() {
    double scale = 4.5;
    float[] branches = normals(2 * 3 * 41);
    int half = branches.length / 2;
    float[] guided = new float[half];
    double[] upstream = random.doubles(half, -1e-6, 1e-6).toArray();
    float[] gradient = new float[branches.length];
    for (int i = 0; i < half; i++) {
      double unconditional = branches[i];
      guided[i] = (float) (unconditional + scale * (branches[half + i] - unconditional));
      gradient[i] = (float) ((1 - scale) * upstream[i]);
      gradient[half + i] = (float) (scale * upstream[i]);
    }
    NDArray number = scope.create(scale);
    assertSame(guided, Host.floats(TorchOps.call("guided", latents(branches, 6), number)));
    assertSame(
        gradient, Host.floats(TorchOps.call("guided_gradient", scope.create(upstream), number)));
  }

  @Test
  void shouldRoundToBfloat16AsJavaDoes() {
    float[] values = new float[1 << 16];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.intBitsToFloat(random.nextInt());
    }
    values[0] = 0x1.01p0f; // a tie
    values[1] = 0x1.03p0f; // the other
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = Bfloat16.round(values[i]);
    }
    assertArrayEquals(rounded, Host.floats(TorchOps.call("bfloat16_rounded", latents(values, 1))));
  }

  private NDArray latents(float[] values, int batch) {
    return Host.toNative(scope, values, batch, 1, 1, values.length / batch);
  }

  private float[] normals(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static void assertSame(float[] expected, float[] actual) {
    if (Torch.device().isGpu()) {
      assertArrayEquals(expected, actual, 1e-6f);
    } else {
      assertArrayEquals(expected, actual);
    }
  }

  private static void assertSame(double[] expected, double[] actual) {
    if (Torch.device().isGpu()) {
      double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
      assertArrayEquals(expected, actual, 1e-6 * largest);
    } else {
      assertArrayEquals(expected, actual);
    }
  }
}
