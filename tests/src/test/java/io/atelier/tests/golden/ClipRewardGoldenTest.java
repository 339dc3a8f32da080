package io.atelier.tests.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.encoder.Clip;
import io.atelier.models.encoder.ClipFolder;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.safetensors.SafetensorsWriter;
import io.atelier.models.vision.Images;
import io.atelier.reward.GroupScorer;
import io.atelier.reward.Reward;
import io.atelier.reward.Reward.Scored;
import io.atelier.reward.clip.AestheticHead;
import io.atelier.reward.clip.AestheticReward;
import io.atelier.reward.clip.Clips;
import io.atelier.reward.clip.TextImageReward;
import io.atelier.reward.clip.TextImageReward.Formula;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
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
    try (Clip open = new Clip(clip, 2)) {
      check(tensor, new TextImageReward("fit", formula, open));
    }
  }

  @Test
  void shouldRateTheLookOfImages() throws IOException {
    ClipFolder clip = ClipFolder.open(GoldenClip.write(folder, "open_clip"));
    AestheticHead head =
        new AestheticHead(aesthetic(folder.resolve("head.safetensors")), clip.width());
    try (Clip open = new Clip(clip, 2)) {
      check("aesthetic", new AestheticReward("look", open, head));
    }
  }

  private static Set<Object> identities() {
    return Collections.newSetFromMap(new IdentityHashMap<>());
  }

  private ImageGroup group(int slot) {
    Images images = GoldenImages.read(expected);
    return new ImageGroup(new GroupId(0, slot), new Prompt(0, "a red fox"), images, 0, "hash");
  }

  /** Two workers, each with two rewards that look at two groups. */
  @Test
  void shouldOpenAClipAndEncodeAGroupOnceForAllRewardsOfAWorker() throws IOException {
    ClipFolder folder = ClipFolder.open(GoldenClip.write(this.folder, "transformers"));
    Set<Object> clips = identities();
    Set<Object> encodings = identities();
    Function<Clips, Reward> watched =
        all -> {
          Clip clip = all.of(folder, 2);
          clips.add(clip);
          return new Reward() {
            @Override
            public String name() {
              return "watched";
            }

            @Override
            public Outcome score(ImageGroup group) {
              encodings.add(clip.images(group.images()));
              return new Scored(new float[group.images().count()], Map.of());
            }
          };
        };
    RewardSum sum = Rewards.onClips("one", watched).plus(Rewards.onClips("other", watched));
    try (GroupScorer scorer = sum.scorer(1);
        GroupScorer other = sum.scorer(1)) {
      assertEquals(2, clips.size(), "one for each worker");
      scorer.score(group(0), () -> {});
      scorer.score(group(1), () -> {});
      assertEquals(2, encodings.size(), "one for each group");
      other.score(group(1), () -> {});
      assertEquals(3, encodings.size());
    }
  }

  @Test
  void shouldScoreByASharedClipAsByOneOfTheirOwn() throws IOException {
    ClipFolder folder = ClipFolder.open(GoldenClip.write(this.folder, "transformers"));
    List<RewardSum> rewards = new ArrayList<>();
    for (Formula formula : Formula.values()) {
      rewards.add(
          Rewards.onClips(
              formula.name(),
              clips -> new TextImageReward(formula.name(), formula, clips.of(folder, 2))));
    }
    ImageGroup group = group(0);
    Map<String, float[]> together = parts(rewards.stream().reduce(RewardSum::plus).get(), group);
    assertEquals(3, together.size());
    for (RewardSum one : rewards) {
      String name = one.names().get(0);
      assertArrayEquals(parts(one, group).get(name), together.get(name), name);
    }
  }

  private static Map<String, float[]> parts(RewardSum sum, ImageGroup group) {
    try (GroupScorer scorer = sum.scorer(1)) {
      return assertInstanceOf(Scored.class, scorer.score(group, () -> {}).outcome()).parts();
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
