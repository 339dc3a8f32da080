package io.atelier.reward.sum;

import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * {@code -kB / 500} of the image as a JPEG of quality 95: the classic reward that is easily hacked,
 * by drawing nothing. Source: DDPO (Black et al. 2023, arXiv 2305.13301), scaled as in Flow-GRPO.
 * Only the order within one JPEG writer is meaningful; another library's files differ by some per
 * cent.
 */
final class JpegCompressibility implements ImageReward {

  private static final float QUALITY = 0.95f;

  @Override
  public float[] score(Images images, Prompt prompt) {
    float[] scores = new float[images.count()];
    for (int n = 0; n < scores.length; n++) {
      scores[n] = (float) (-bytes(images, n) / 1000.0 / 500);
    }
    return scores;
  }

  private static int bytes(Images images, int index) {
    BufferedImage image =
        new BufferedImage(images.width(), images.height(), BufferedImage.TYPE_INT_RGB);
    int at = index * images.stride();
    for (int y = 0; y < images.height(); y++) {
      for (int x = 0; x < images.width(); x++, at += 3) {
        int r = images.rgb()[at] & 0xff;
        int g = images.rgb()[at + 1] & 0xff;
        int b = images.rgb()[at + 2] & 0xff;
        image.setRGB(x, y, r << 16 | g << 8 | b);
      }
    }
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionQuality(QUALITY);
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), param);
    } catch (IOException e) {
      throw new UncheckedIOException("image %d cannot be written as JPEG".formatted(index), e);
    } finally {
      writer.dispose();
    }
    return bytes.size();
  }
}
