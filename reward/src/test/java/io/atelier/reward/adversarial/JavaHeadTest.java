package io.atelier.reward.adversarial;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.noise.RandomStream;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class JavaHeadTest {

  @Test
  void shouldGiveTheLogitWorkedOutByHand() {
    TreeMap<String, Tensor> tensors = new TreeMap<>();
    tensors.put("p.weight", new Tensor(new long[] {2, 3}, new float[] {1, 0, 0, 0, 1, 1}));
    tensors.put("p.bias", new Tensor(new long[] {2}, new float[] {0, -1}));
    tensors.put("out.weight", new Tensor(new long[] {1, 2}, new float[] {2, -1}));
    tensors.put("out.bias", new Tensor(new long[] {1}, new float[] {0.5f}));
    tensors.put("condition.weight", new Tensor(new long[] {2, 1}, new float[] {0, 3}));
    JavaHead head = new JavaHead(new NamedTensors(tensors));
    float[] x = {1, 2, 0};
    float[][] e = {{1}};
    // z = (1, 1), h = 0.8413447; 0.5 + 2 h + (-1 + 3) h.
    assertEquals(0.5 + 4 * 0.8413447, head.logits(new JavaHead.Input("p", 1, x, e))[0], 1e-6);
    assertEquals(
        0.5 + 0.8413447, head.logits(new JavaHead.Input("p", 1, x, new float[0][]))[0], 1e-6);
  }

  @Test
  void shouldGiveTheGradientThatDifferencesGive() {
    RandomStream random = new GroupNoise(7).stream(Purpose.INITIAL_WEIGHTS, 0);
    JavaHead head = new JavaHead(HeadTest.weights(new TreeMap<>(Map.of("p", 9)), 6, 4, random));
    int rows = 11;
    float[][] e = new float[rows][];
    float[][] two = {random.normals(4), random.normals(4)};
    for (int n = 0; n < rows; n++) {
      e[n] = two[n % 2];
    }
    for (int sign : new int[] {1, -1}) {
      JavaHead.Input input = new JavaHead.Input("p", rows, random.normals(rows * 9), e);
      SortedMap<String, float[]> gradients = head.zeros();
      head.addHinge(input, sign, 0.25, gradients);
      gradients.forEach(
          (name, gradient) -> {
            float[] w = head.tensors().get(name).values();
            for (int i = 0; i < w.length; i++) {
              float kept = w[i];
              float h = 1e-3f;
              w[i] = kept + h;
              double up = hinge(head.logits(input), sign, 0.25);
              w[i] = kept - h;
              double down = hinge(head.logits(input), sign, 0.25);
              w[i] = kept;
              assertEquals((up - down) / (2 * h), gradient[i], 5e-3, name + "[" + i + "]");
            }
          });
    }
  }

  private static double hinge(float[] logits, int sign, double weight) {
    double sum = 0;
    for (float logit : logits) {
      sum += weight * Math.max(0, 1 - sign * logit);
    }
    return sum;
  }
}
