package io.atelier.tests.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.encoder.Clip;
import io.atelier.models.encoder.ClipFolder;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.safetensors.SafetensorsWriter;
import io.atelier.models.vision.Images;
import io.atelier.reward.Reward;
import io.atelier.reward.Reward.Scored;
import io.atelier.reward.clip.AestheticHead;
import io.atelier.reward.clip.AestheticReward;
import io.atelier.reward.clip.TextImageReward;
import io.atelier.reward.clip.TextImageReward.Formula;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Frozen rewards on a CLIP. */
@Tag("golden")
public class ClipRewardGoldenTest {

  private static final double BOUND = 2e-5;

  @TempDir Path folder;

  private final SafetensorsFile expected = Golden.tensors("clip", "expected.safetensors");

  @ParameterizedTest
  @CsvSource({"PICKSCORE,pickscore", "CLIP_SCORE,clipscore", "HPSV2,hps"})
  void shouldScoreImagesUnderTheirPrompts(Formula formula, String tensor) throws IOException {
    ClipFolder clip = ClipFolder.open(GoldenClip.write(folder, "transformers"));
    try (Reward reward = new TextImageReward("fit", formula, new Clip(clip, 2))) {
      check(tensor, reward);
    }
  }

  @Test
  void shouldRateTheLookOfImages() throws IOException {
    ClipFolder clip = ClipFolder.open(GoldenClip.write(folder, "open_clip"));
    AestheticHead head =
        new AestheticHead(aesthetic(folder.resolve("head.safetensors")), clip.width());
    try (Reward reward = new AestheticReward("look", new Clip(clip, 2), head)) {
      check("aesthetic", reward);
    }
  }

  /** The golden head as a file of its own. */
  public static Path aesthetic(Path file) {
    SafetensorsFile golden = Golden.tensors("clip", "expected.safetensors");
    SafetensorsWriter writer = new SafetensorsWriter();
    for (String name : golden.names()) {
      if (name.startsWith("aesthetic.layers.")) {
        String own = name.substring("aesthetic.".length());
        writer.add(own, golden.info(name).shape(), golden.floats(name));
      }
    }
    writer.write(file);
    return file;
  }

  /** Each image alone, and the first two together: an image's score is its own. */
  private void check(String tensor, Reward reward) {
    JsonNode prompts = Golden.json("clip", "case.json").get("prompts");
    Images images = GoldenImages.read(expected);
    float[] scores = expected.floats(tensor);
    for (int i = 0; i < scores.length; i++) {
      Prompt prompt = new Prompt(i, prompts.get(i).asText());
      float own = score(reward, prompt, images.get(i))[0];
      assertEquals(scores[i], own, BOUND, tensor + i);
      assertEquals(own, score(reward, prompt, images)[i], tensor + i + " among others");
    }
  }

  private static float[] score(Reward reward, Prompt prompt, Images images) {
    ImageGroup group = new ImageGroup(new GroupId(0, 0), prompt, images, 0, "hash");
    return assertInstanceOf(Scored.class, reward.score(group)).total();
  }
}
