package io.atelier.tests.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.atelier.models.assets.EmbeddedModel;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.VaeEncoder;
import io.atelier.models.sd3.VaePass;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.Encoder.Feature;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.Images;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The autoencoder of emoji64 as what a critic looks through. */
class VaeEncoderTest {

  private static EncoderConfig config(int pixels) {
    EncoderConfig other = EncoderConfig.DEFAULT;
    return new EncoderConfig(pixels, other.filter(), 1, other.batch(), List.of());
  }

  private static Images noise(int count, int side) {
    byte[] rgb = new byte[Images.bytes(count, side, side)];
    new SplittableRandom(5).nextBytes(rgb);
    return new Images(count, side, side, rgb);
  }

  @Test
  void shouldGiveTheLatentsOfEachImage() {
    PipelineFolder folder = new PipelineFolder(EmbeddedModel.emoji64());
    Images images = noise(3, 64);
    try (Encoder encoder = new VaeEncoder(folder, config(64));
        NDManager scope = Torch.newScope()) {
      assertEquals(List.of(), encoder.vectors());
      assertEquals(List.of("latents"), encoder.maps());
      Feature latents = encoder.encode(images).get("latents");
      assertArrayEquals(new long[] {3, 16, 8, 8}, latents.shape());
      float[] together = VaePass.encode(folder.loadVae(scope), images);
      assertArrayEquals(together, latents.values(), 1e-4f);
      for (int i = 0; i < 3; i++) {
        float[] alone = encoder.encode(images.select(new int[] {i})).get("latents").values();
        assertArrayEquals(
            alone, Arrays.copyOfRange(latents.values(), i * alone.length, (i + 1) * alone.length));
      }
      // Of another size they are brought to the one that is set.
      long[] smaller = encoder.encode(noise(1, 32)).get("latents").shape();
      assertArrayEquals(new long[] {1, 16, 8, 8}, smaller);
    }
  }

  @Test
  void shouldRefuseASideWithoutWholePlaces() {
    PipelineFolder folder = new PipelineFolder(EmbeddedModel.emoji64());
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> new VaeEncoder(folder, config(60)));
    assertTrue(
        refused.getMessage().contains("encoder-pixels is 60, must be a multiple of 8"),
        refused.getMessage());
  }
}
