package io.atelier.models.vision;

/**
 * Preprocessing of an encoder: images are resized in bytes as in Pillow, then normalised by {@code
 * (byte / 255 - mean) / std}.
 *
 * @param size rows and columns of the result
 * @param filter resize kernel
 * @param crop true: the shorter edge becomes {@code size}, the longer keeps the aspect ratio
 *     (rounded down), and the centre is cropped; false: both edges become {@code size}
 * @param mean means of the channels R, G, B on the scale 0..1
 * @param std standard deviations of the channels R, G, B on the scale 0..1
 */
public record Preprocess(int size, Filter filter, boolean crop, float[] mean, float[] std) {

  private static final float[] HALF = {0.5f, 0.5f, 0.5f};
  private static final float[] IMAGENET_MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] IMAGENET_STD = {0.229f, 0.224f, 0.225f};
  private static final float[] CLIP_MEAN = {0.48145466f, 0.4578275f, 0.40821073f};
  private static final float[] CLIP_STD = {0.26862954f, 0.26130258f, 0.27577711f};

  public Preprocess {
    if (size < 1) {
      throw new IllegalArgumentException(
          "encoder input size %d must be at least 1".formatted(size));
    }
    if (mean.length != 3 || std.length != 3) {
      throw new IllegalArgumentException("mean and std need one value for each of R, G and B");
    }
  }

  /** Pixels in -1..1, both edges to {@code size}: EfficientNet-Lite. */
  public static Preprocess signed(int size, Filter filter) {
    return new Preprocess(size, filter, false, HALF, HALF);
  }

  /** ImageNet mean and standard deviation, both edges to {@code size}: MobileNetV2. */
  public static Preprocess imagenet(int size, Filter filter) {
    return new Preprocess(size, filter, false, IMAGENET_MEAN, IMAGENET_STD);
  }

  /** DINOv2 as in the published discriminator: both edges to {@code size} (518), bicubic. */
  public static Preprocess dino(int size) {
    return imagenet(size, Filter.BICUBIC);
  }

  /** CLIP: shorter edge to {@code size} (224), bicubic, centre crop. */
  public static Preprocess clip(int size) {
    return new Preprocess(size, Filter.BICUBIC, true, CLIP_MEAN, CLIP_STD);
  }

  /** The images at the encoder's size, before normalisation. */
  public Images resized(Images images) {
    if (!crop) {
      return Resize.pillow(images, size, size, filter);
    }
    int shorter = Math.min(images.height(), images.width());
    int height = (int) ((long) size * images.height() / shorter);
    int width = (int) ((long) size * images.width() / shorter);
    return Resize.centreCrop(Resize.pillow(images, height, width, filter), size, size);
  }

  /** The images as input of the network. */
  public Pixels apply(Images images) {
    return Pixels.normalised(resized(images), mean, std);
  }
}
