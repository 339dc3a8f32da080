package io.atelier.tests.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Images;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.ImageSampler;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several prompts in one network call: the images of each alone, and each encoded once. */
class ImageSamplerTest {
  private static final GroupNoise NOISE = new GroupNoise(3);
  private static final List<String> PROMPTS = List.of("a fox", "", "the sea", "a hat", "two hats");
  private static final List<GroupId> GROUPS =
      IntStream.range(0, PROMPTS.size()).mapToObj(i -> new GroupId(1, i)).toList();

  private final Map<String, Integer> encoded = new HashMap<>();
  private NDManager scope;
  private DiffusionModel model;

  @BeforeEach
  void open() {
    scope = Torch.newScope();
    DiffusionModel tiny = TinyModel.load(scope);
    model =
        new DiffusionModel(
            tiny.denoiser(),
            tiny.vae(),
            (into, text) -> {
              encoded.merge(text, 1, Integer::sum);
              return tiny.text().encode(into, text);
            });
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static ImageSampler.Settings settings(double guidance) {
    return new ImageSampler.Settings(2, 64, 64, 3, guidance);
  }

  @ParameterizedTest
  @CsvSource({"1, 3.0", "2, 3.0", "3, 3.0", "5, 3.0", "7, 3.0", "2, 1.0", "5, 1.0"})
  void shouldDrawWhatEachPromptDrawsAlone(int together, double guidance) {
    try (ImageSampler sampler = new ImageSampler(scope, model, Optional.empty())) {
      Images all = sampler.drawAll(NOISE, GROUPS, PROMPTS, together, settings(guidance));
      assertEquals(10, all.count());
      for (int i = 0; i < PROMPTS.size(); i++) {
        byte[] alone =
            sampler.draw(NOISE, GROUPS.get(i), PROMPTS.get(i), settings(guidance)).images().rgb();
        byte[] drawn = Images.concat(all.get(2 * i), all.get(2 * i + 1)).rgb();
        for (int b = 0; b < alone.length; b++) {
          assertEquals(alone[b] & 255, drawn[b] & 255, 1, "prompt " + i);
        }
      }
    }
  }

  @Test
  void shouldDrawTheSameBitsHoweverManyPromptsThereAre() {
    try (ImageSampler sampler = new ImageSampler(scope, model, Optional.empty())) {
      byte[] all = sampler.drawAll(NOISE, GROUPS, PROMPTS, 4, settings(3)).rgb();
      for (int count : new int[] {4, 5}) {
        byte[] some =
            sampler
                .drawAll(NOISE, GROUPS.subList(0, count), PROMPTS.subList(0, count), 4, settings(3))
                .rgb();
        for (int b = 0; b < some.length; b++) {
          assertEquals(all[b], some[b]);
        }
      }
      assertArrayEquals(all, sampler.drawAll(NOISE, GROUPS, PROMPTS, 4, settings(3)).rgb());
    }
  }

  @Test
  void shouldEncodeEveryPromptAndTheEmptyOneOnce() {
    try (ImageSampler sampler = new ImageSampler(scope, model, Optional.empty())) {
      sampler.drawAll(NOISE, GROUPS, PROMPTS, 2, settings(3));
      sampler.drawAll(NOISE, GROUPS, PROMPTS, 3, settings(3));
      assertEquals(PROMPTS.size(), encoded.size());
      assertTrue(encoded.values().stream().allMatch(times -> times == 1), encoded::toString);
    }
  }

  @Test
  void shouldKeepWhatIsEncodedOfSomePromptsOnly() {
    List<String> many = IntStream.range(0, 300).mapToObj(i -> "prompt " + i).toList();
    List<GroupId> groups = IntStream.range(0, 300).mapToObj(i -> new GroupId(1, i)).toList();
    ImageSampler.Settings one = new ImageSampler.Settings(1, 16, 16, 1, 3);
    try (ImageSampler sampler = new ImageSampler(scope, model, Optional.empty())) {
      Images first = sampler.drawAll(NOISE, groups, many, 16, one);
      assertArrayEquals(first.rgb(), sampler.drawAll(NOISE, groups, many, 16, one).rgb());
      assertEquals(1, encoded.get("prompt 0"));
      assertEquals(1, encoded.get(""));
      assertTrue(encoded.get("prompt 290") >= 2, encoded::toString);
    }
  }

  @Test
  void shouldRefuseGroupsThatAreNotAsManyAsPrompts() {
    try (ImageSampler sampler = new ImageSampler(scope, model, Optional.empty())) {
      assertThrows(
          IllegalArgumentException.class,
          () -> sampler.drawAll(NOISE, GROUPS.subList(1, 3), PROMPTS, 2, settings(3)));
      assertThrows(
          IllegalArgumentException.class,
          () -> sampler.drawAll(NOISE, GROUPS, PROMPTS, 0, settings(3)));
    }
  }
}
