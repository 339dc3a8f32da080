package io.atelier.models.sd3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VaeConfigTest {

  private static VaeConfig of(Integer... channels) {
    return new VaeConfig(List.of(channels), 2, 16, 8, true, false, false, 1.5305, 0.0609);
  }

  private static final VaeConfig LARGE = of(128, 256, 512, 512);

  /** A gibibyte of activations at a time, but one image in any case. */
  @ParameterizedTest
  @CsvSource({"64, 64, 32", "256, 256, 4", "512, 256, 2", "512, 512, 1", "1024, 1024, 1"})
  void shouldTakeFewerImagesAtOnceTheLargerTheyAre(int height, int width, int together) {
    assertEquals(together, LARGE.together(32, height, width));
  }

  @Test
  void shouldTakeAsManyAsAreWantedOfSmallOnes() {
    assertEquals(32, of(16, 32, 64, 96).together(32, 64, 64));
  }

  @Test
  void shouldTakeNoMoreForAnImageThatPassesInTiles() {
    assertEquals(LARGE.passBytes(1024, 1024), LARGE.passBytes(4096, 2048));
    assertTrue(LARGE.passBytes(1024, 512) < LARGE.passBytes(4096, 512 + 1));
  }
}
