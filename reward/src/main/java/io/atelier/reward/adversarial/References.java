package io.atelier.reward.adversarial;

import io.atelier.models.vision.ImageSource;
import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.noise.RandomStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The images that generated ones should look like. If the decoder leaves artifacts, pass the
 * references through the VAE once before: otherwise the head learns the artifacts.
 *
 * @param images all references
 * @param byPrompt indices in {@code images} of the references of a prompt, by {@link Prompt#index};
 *     a prompt may be missing
 */
public record References(ImageSource images, Map<Integer, List<Integer>> byPrompt) {

  public References {
    byPrompt = Map.copyOf(byPrompt);
    byPrompt.forEach(
        (prompt, places) -> {
          for (int place : places) {
            if (place < 0 || place >= images.count()) {
              throw new IllegalArgumentException(
                  "prompt %d names reference image %d, but there are %d"
                      .formatted(prompt, place, images.count()));
            }
          }
          if (places.isEmpty()) {
            throw new IllegalArgumentException(
                "prompt %d has an empty list of references; leave it out".formatted(prompt));
          }
        });
  }

  /**
   * Creates references with one image per prompt: image i belongs to the prompt with index {@code
   * prompts.get(i)}.
   */
  public static References onePerPrompt(ImageSource images, List<Integer> prompts) {
    if (prompts.size() != images.count()) {
      throw new IllegalArgumentException(
          "%d reference images but %d prompts".formatted(images.count(), prompts.size()));
    }
    Map<Integer, List<Integer>> byPrompt = new HashMap<>();
    for (int i = 0; i < prompts.size(); i++) {
      if (byPrompt.put(prompts.get(i), List.of(i)) != null) {
        throw new IllegalArgumentException(
            "prompt %d has two reference images; give a map of lists".formatted(prompts.get(i)));
      }
    }
    return new References(images, byPrompt);
  }

  /** Returns the prompt's own references; empty if it has none. */
  public Optional<Images> of(Prompt prompt) {
    return Optional.ofNullable(byPrompt.get(prompt.index()))
        .map(places -> images.select(places.stream().mapToInt(Integer::intValue).toArray()));
  }

  /**
   * Returns the prompt of each image, by image index; for an image shared by several prompts, the
   * one with the smallest index. Images without a prompt are left out.
   */
  Map<Integer, Integer> prompts() {
    Map<Integer, Integer> prompts = new HashMap<>();
    new TreeMap<>(byPrompt) // sorted, so that the order is the same in every process
        .forEach((prompt, places) -> places.forEach(place -> prompts.putIfAbsent(place, prompt)));
    return prompts;
  }

  /**
   * Draws references for a group.
   *
   * @param ownShare share drawn from the prompt's own references, if it has any; the others are
   *     drawn from all
   * @param count number of references; the prompt's own come first
   */
  int[] draw(Prompt prompt, double ownShare, int count, RandomStream random) {
    List<Integer> own = byPrompt.getOrDefault(prompt.index(), List.of());
    List<Integer> all = IntStream.range(0, images.count()).boxed().toList();
    int ownCount = own.isEmpty() ? 0 : (int) Math.round(ownShare * count);
    return IntStream.concat(draw(own, ownCount, random), draw(all, count - ownCount, random))
        .toArray();
  }

  /** Draws without replacement until the list is exhausted, then again from the whole list. */
  private static IntStream draw(List<Integer> from, int count, RandomStream random) {
    int[] drawn = new int[count];
    int[] order = new int[0];
    for (int i = 0; i < count; i++) {
      int place = i % from.size();
      if (place == 0) {
        order = random.permutation(from.size());
      }
      drawn[i] = from.get(order[place]);
    }
    return Arrays.stream(drawn);
  }
}
