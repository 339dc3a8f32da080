package io.atelier.actors.report;

import io.atelier.models.vision.ImageCodecs;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.Resize;
import io.atelier.reward.PlaceLogits;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.IntStream;

/**
 * The images of a group for display, and the logits that discriminators gave to their places.
 *
 * @param height rows of each picture
 * @param width columns of each picture
 * @param jpegs one JPEG per image
 * @param places by reward and map, the logits of the places of all images
 */
public record GroupPictures(
    int height,
    int width,
    List<byte[]> jpegs,
    SortedMap<String, SortedMap<String, PlaceLogits>> places) {

  private static final float QUALITY = 0.9f;

  public GroupPictures {
    jpegs = List.copyOf(jpegs);
  }

  /**
   * @param side most rows and columns of a picture; larger images are scaled down
   */
  public static GroupPictures of(
      Images images, SortedMap<String, SortedMap<String, PlaceLogits>> places, int side) {
    Images first = Resize.within(images.get(0), side);
    List<byte[]> jpegs =
        IntStream.range(0, images.count())
            .mapToObj(i -> ImageCodecs.picture(Resize.within(images.get(i), side), 0))
            .map(picture -> ImageCodecs.jpeg(picture, QUALITY, false))
            .toList();
    return new GroupPictures(first.height(), first.width(), jpegs, places);
  }
}
