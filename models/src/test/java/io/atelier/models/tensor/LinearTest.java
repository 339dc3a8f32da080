package io.atelier.models.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A script multiplies by the library, and with the bits, that a call from here does. */
class LinearTest {
  private final Random random = new Random(2);
  private NDManager scope;

  @BeforeEach
  void open() {
    scope = Torch.newScope();
    Torch.enter(false);
  }

  @AfterEach
  void close() {
    scope.close();
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "2, 0", "1, 5", "3, 21", "2, 32", "4, 50", "70, 0"})
  void shouldGiveTheSameBitsInAScript(int batch, int tokens) {
    NDArray x = tokens == 0 ? normals(batch, 192) : normals(batch, tokens, 192);
    NDArray weight = normals(96, 192);
    NDArray bias = normals(96);
    assertSame(x, weight, bias);
    assertSame(x, weight.toType(DataType.FLOAT16, true), bias);
    assertSame(ComputeType.BFLOAT16.of(x), weight, bias);
  }

  private static void assertSame(NDArray x, NDArray weight, NDArray bias) {
    NDArray here = TorchOps.linear(x, weight, bias);
    NDArray there = TorchOps.call("placed_linear", x, weight, bias, TorchOps.onednnRows());
    assertEquals(here.getShape(), there.getShape());
    assertArrayEquals(
        Host.floats(TorchOps.call("float32", here)), Host.floats(TorchOps.call("float32", there)));
  }

  private NDArray normals(long... shape) {
    float[] values = new float[(int) Arrays.stream(shape).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Host.toNative(scope, values, shape);
  }
}
