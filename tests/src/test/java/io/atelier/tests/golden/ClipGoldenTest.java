package io.atelier.tests.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.encoder.Clip;
import io.atelier.models.encoder.ClipFolder;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.text.ClipTokenizer;
import io.atelier.models.vision.Images;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CLIP's images and texts, read from the files of two programs. */
@Tag("golden")
class ClipGoldenTest {

  private static final double BOUND = 5e-5;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"transformers", "open_clip"})
  void shouldGiveTheVectorsOfTheReference(String program) throws IOException {
    JsonNode prompts = Golden.json("clip", "case.json").get("prompts");
    SafetensorsFile expected = Golden.tensors("clip", "expected.safetensors");
    ClipFolder files = ClipFolder.open(GoldenClip.write(folder, program));
    files.requireFinite();
    ClipTokenizer tokenizer = files.tokenizer();
    Images images = GoldenImages.read(expected).slice(0, prompts.size());
    try (Clip clip = new Clip(files, 2)) {
      Golden.assertClose("images", expected.floats("image_embeds"), clip.images(images), BOUND);
      float[] texts = expected.floats("text_embeds");
      long[] ids = expected.longs("input_ids");
      for (int i = 0; i < prompts.size(); i++) {
        String prompt = prompts.get(i).asText();
        assertTrue(tokenizer.fits(prompt, 77), prompt);
        assertArrayEquals(
            Arrays.copyOfRange(ids, i * 77, (i + 1) * 77), tokenizer.encode(prompt, 77), prompt);
        float[] text = Arrays.copyOfRange(texts, i * clip.width(), (i + 1) * clip.width());
        Golden.assertClose("text " + i, text, clip.text(prompt), BOUND);
      }
      assertEquals(
          Math.exp(Golden.json("clip", "case.json").get("logit_scale").asDouble()),
          clip.scale(),
          1e-3);
    }
  }
}
