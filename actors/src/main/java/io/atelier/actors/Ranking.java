package io.atelier.actors;

import io.atelier.actors.RankedImages.Ranked;
import io.atelier.actors.transport.BlobRef;
import io.atelier.actors.transport.BlobStore;
import io.atelier.rollout.ImageGroup;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Where the images of a step with the highest and the lowest rewards are.
 *
 * @param step the step, from 0
 * @param highest the highest first
 * @param lowest the lowest first; none that is among the highest
 */
record Ranking(int step, List<Place> highest, List<Place> lowest) {

  /** Images of either end. */
  static final int EACH = 8;

  /** Where an image of a step is, and what it got. */
  record Place(PolicyLearner.Member group, int image, float reward) {

    BlobRef blob() {
      return group.group().generation().images();
    }
  }

  /**
   * Both ends of a step's rewards; images with the same one in the order of the groups.
   *
   * @param rewards of each group
   */
  static Ranking of(int step, List<PolicyLearner.Member> groups, List<float[]> rewards) {
    List<Place> places = new ArrayList<>();
    for (int g = 0; g < groups.size(); g++) {
      for (int i = 0; i < rewards.get(g).length; i++) {
        places.add(new Place(groups.get(g), i, rewards.get(g)[i]));
      }
    }
    places.sort(Comparator.comparing(Place::reward).reversed());
    int each = Math.min(EACH, places.size() / 2);
    List<Place> lowest = new ArrayList<>(places.subList(places.size() - each, places.size()));
    lowest.sort(Comparator.comparing(Place::reward));
    return new Ranking(step, List.copyOf(places.subList(0, each)), List.copyOf(lowest));
  }

  /** The images themselves; fails if one is gone. */
  CompletableFuture<RankedImages> fetch(BlobStore blobs) {
    Map<BlobRef, CompletableFuture<ImageGroup>> groups = new LinkedHashMap<>();
    Stream.concat(highest.stream(), lowest.stream())
        .map(Place::blob)
        .distinct()
        .forEach(ref -> groups.put(ref, blobs.fetch(Blobs.IMAGES, ref).toCompletableFuture()));
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
