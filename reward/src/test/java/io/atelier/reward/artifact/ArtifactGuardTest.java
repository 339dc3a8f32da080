package io.atelier.reward.artifact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.atelier.reward.artifact.ArtifactGuard.Mode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers worked out by hand. */
class ArtifactGuardTest {

  /**
   * The third image is the best by the other reward, and most likely damaged: 0.9 - 2 (0.5 - 0.1)
   * puts it behind the second, which loses 2 (0.5 - 0.4). The first is clean and loses nothing.
   */
  @Test
  void shouldTakeOffWhatIsBelowTheThreshold() {
    ArtifactGuard gate = new ArtifactGuard(Mode.GATE, 0.5, 2);
    assertEquals(0.2, 0.2 + gate.score(0.9), 1e-12);
    assertEquals(0.3, 0.5 + gate.score(0.4), 1e-12);
    assertEquals(0.1, 0.9 + gate.score(0.1), 1e-12);
  }

  @Test
  void shouldBeZeroWithoutASignWhereImagesAreClean() {
    ArtifactGuard gate = new ArtifactGuard(Mode.GATE, 0.5, 2);
    for (double clean : new double[] {0.5, 0.6, 1}) {
      assertEquals(0L, Double.doubleToRawLongBits(gate.score(clean)), "" + clean);
    }
  }

  @Test
  void shouldBeTheProbabilityWhereItIsAdded() {
    ArtifactGuard add = new ArtifactGuard(Mode.ADD, 0.5, 2);
    assertEquals(0.9, add.score(0.9));
    assertEquals(0.1, add.score(0.1));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, 'threshold is 0.0, must be above 0 and at most 1'",
    "1.1, 1, 'threshold is 1.1, must be above 0 and at most 1'",
    "NaN, 1, 'threshold is NaN, must be above 0 and at most 1'",
    "0.5, 0, 'strength is 0.0, must be positive'",
    "0.5, Infinity, 'strength is Infinity, must be positive'",
  })
  void shouldRefuseWhatIsNoGuard(double threshold, double strength, String rule) {
    assertEquals(
        rule,
        assertThrows(
                IllegalArgumentException.class,
                () -> new ArtifactGuard(Mode.GATE, threshold, strength))
            .getMessage());
  }
}
