package io.atelier.actors.learning;

import io.atelier.actors.codec.Blobs;
import io.atelier.actors.codec.DrawnGroup;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.protocol.PolicyLearnerCommand;
import io.atelier.actors.report.RankedImages;
import io.atelier.actors.report.RankedImages.Ranked;
import io.atelier.actors.transport.BlobStore;
import io.atelier.rollout.ImageGroup;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * Where the images of a step are that got the highest and the lowest reward of their prompts.
 *
 * @param step the step, from 0
 * @param highest one of each prompt, that whose images differ most first
 * @param lowest of the same prompts
 */
record Ranking(int step, List<Place> highest, List<Place> lowest) {

  /** Most prompts that are shown. */
  static final int MOST = 8;

  /** Where an image of a step is, and what it got. */
  record Place(PolicyLearnerCommand.Member group, int image, float reward) {

    BlobRef blob() {
      return group.group().generation().images();
    }
  }

  private record Ends(Place highest, Place lowest) {

    private float apart() {
      return highest.reward() - lowest.reward();
    }
  }

  /**
   * The highest and lowest rewards of each prompt. Rewards of different prompts are not comparable.
   *
   * @param rewards of each group
   */
  static Ranking of(int step, List<PolicyLearnerCommand.Member> groups, List<float[]> rewards) {
    List<Ends> ends =
        IntStream.range(0, groups.size())
            .mapToObj(g -> ends(groups.get(g), rewards.get(g)))
            .filter(own -> own.apart() > 0)
            .sorted(Comparator.comparing(Ends::apart).reversed())
            .limit(MOST)
            .toList();
    return new Ranking(
        step, ends.stream().map(Ends::highest).toList(), ends.stream().map(Ends::lowest).toList());
  }

  private static Ends ends(PolicyLearnerCommand.Member group, float[] rewards) {
    int highest = 0;
    int lowest = 0;
    for (int i = 1; i < rewards.length; i++) {
      highest = rewards[i] > rewards[highest] ? i : highest;
      lowest = rewards[i] < rewards[lowest] ? i : lowest;
    }
    return new Ends(
        new Place(group, highest, rewards[highest]), new Place(group, lowest, rewards[lowest]));
  }

  /** The images themselves; fails if one is gone. */
  CompletableFuture<RankedImages> fetch(BlobStore blobs) {
    Map<BlobRef, CompletableFuture<ImageGroup>> groups = new LinkedHashMap<>();
    highest.stream()
        .map(Place::blob)
        .forEach(
            ref ->
                groups.put(
                    ref,
                    blobs
                        .fetch(Blobs.IMAGES, ref)
                        .thenApply(DrawnGroup::group)
                        .toCompletableFuture()));
    return CompletableFuture.allOf(groups.values().toArray(CompletableFuture[]::new))
        .thenApply(
            done -> new RankedImages(step + 1, images(highest, groups), images(lowest, groups)));
  }

  private static List<Ranked> images(
      List<Place> places, Map<BlobRef, CompletableFuture<ImageGroup>> groups) {
    return places.stream()
        .map(
            place ->
                new Ranked(
                    groups.get(place.blob()).join().images().get(place.image()),
                    place.group().prompt(),
                    place.reward()))
        .toList();
  }
}
