package io.atelier.models.state;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

class HeldTest {

  private static final NamedTensors NOTHING = new NamedTensors(Map.of());

  private static NamedTensors tensors(float a, float b) {
    return new NamedTensors(
        Map.of(
            "a", new NamedTensors.Tensor(new long[] {1}, new float[] {a}),
            "b", new NamedTensors.Tensor(new long[] {1}, new float[] {b})));
  }

  @Test
  void shouldCountTheTensorsWhoseBitsAreOthers() {
    assertEquals(2, Held.of(NOTHING, tensors(1, 2)).changed());
    assertEquals(1, Held.of(tensors(1, 2), tensors(1, 3)).changed());
    assertEquals(1, Held.of(tensors(0f, 2), tensors(-0f, 2)).changed());
    assertEquals(0, Held.of(tensors(1, 2), tensors(1, 2)).changed());
  }

  @Test
  void shouldHashWhatIsHeld() {
    assertEquals(tensors(1, 3).contentHash(), Held.of(tensors(1, 2), tensors(1, 3)).hash());
  }
}
