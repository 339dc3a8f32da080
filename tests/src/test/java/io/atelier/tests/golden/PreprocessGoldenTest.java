package io.atelier.tests.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.vision.Filter;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.Pixels;
import io.atelier.models.vision.Preprocess;
import io.atelier.models.vision.Resize;
import io.atelier.models.vision.Rounding;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("golden")
class PreprocessGoldenTest {

  /** Float32 rounding of a few dozen terms around 1; PyTorch keeps its weights in float32. */
  private static final double FLOAT_BOUND = 5e-6;

  private final JsonNode spec = Golden.json("preprocess", "case.json");
  private final int crop = spec.get("crop").asInt();
  private final int stride = spec.get("stride").asInt();

  @ParameterizedTest
  @ValueSource(strings = {"small", "large"})
  void shouldPreprocessAsPythonDoes(String name) throws IOException {
    Images image = read(name);
    SafetensorsFile file = SafetensorsFile.open(Golden.path("preprocess", name + ".safetensors"));
    // Of the source the hash is over pixels as they are stored: row, column, channel.
    assertEquals(spec.get("results").get(name).get("sha256").asText(), sha256(image.rgb()), name);
    TreeSet<String> results = new TreeSet<>();
    for (String tensor : file.names()) {
      results.add(tensor.substring(name.length() + 1, tensor.lastIndexOf('.')));
    }
    for (String result : results) {
      checkResult(file, name, image, result);
    }
    assertTrue(results.size() >= 8, "results checked: " + results);
  }

  private void checkResult(SafetensorsFile file, String name, Images image, String result) {
    String key = name + "." + result;
    String kind = result.replaceAll("[0-9]", "");
    int size = Integer.parseInt(result.replaceAll("[^0-9]", ""));
    switch (kind) {
      case "pil" -> checkBytes(file, key, Resize.pillow(image, size, size, Filter.BICUBIC));
      case "clip" -> checkBytes(file, key, Preprocess.clip(size).resized(image));
      case "reference" -> checkBytes(file, key, Resize.torchvision(image, size, size));
      case "clip.normalised" -> checkFloats(file, key, Preprocess.clip(size).apply(image));
      case "dino.normalised" -> checkFloats(file, key, Preprocess.dino(size).apply(image));
      case "torch" -> checkFloats(file, key, Resize.bicubic(Pixels.unit(image), size, size));
      case "torch.antialias" ->
          checkFloats(
              file, key, Resize.antialiased(Pixels.unit(image), size, size, Filter.BICUBIC));
      default -> throw new AssertionError("no test for golden result " + key);
    }
  }

  private void checkBytes(SafetensorsFile file, String key, Images images) {
    checkBytes(file, key, planes(images), images.height(), images.width());
  }

  private void checkBytes(SafetensorsFile file, String key, byte[] planes, int h, int w) {
    JsonNode whole = spec.get("results").get(key);
    if (whole != null) {
      assertEquals(whole.get("sha256").asText(), sha256(planes), key);
    }
    for (String part : parts(file, key)) {
      ByteBuffer bytes = file.bytes(key + "." + part);
      byte[] expected = new byte[bytes.remaining()];
      bytes.get(expected);
      byte[] actual = new byte[expected.length];
      visit(part, h, w, (to, from) -> actual[to] = planes[from]);
      assertArrayEquals(expected, actual, key + "." + part);
    }
  }

  private void checkFloats(SafetensorsFile file, String key, Pixels pixels) {
    float[] values = pixels.values();
    for (String part : parts(file, key)) {
      float[] expected = file.floats(key + "." + part);
      float[] actual = new float[expected.length];
      visit(part, pixels.height(), pixels.width(), (to, from) -> actual[to] = values[from]);
      Golden.assertClose(key + "." + part, expected, actual, FLOAT_BOUND);
    }
    JsonNode whole = spec.get("results").get(key);
    if (whole != null) {
      double sum = 0;
      double min = Double.MAX_VALUE;
      double max = -Double.MAX_VALUE;
      for (float value : values) {
        sum += value;
        min = Math.min(min, value);
        max = Math.max(max, value);
      }
      assertEquals(whole.get("mean").asDouble(), sum / values.length, FLOAT_BOUND, key + " mean");
      assertEquals(whole.get("min").asDouble(), min, FLOAT_BOUND, key + " min");
      assertEquals(whole.get("max").asDouble(), max, FLOAT_BOUND, key + " max");
    }
  }

  private Iterable<String> parts(SafetensorsFile file, String key) {
    return file.names().stream()
        .filter(n -> n.startsWith(key + ".") && n.indexOf('.', key.length() + 1) < 0)
        .map(n -> n.substring(key.length() + 1))
        .filter(part -> !part.equals("antialias") && !part.equals("normalised"))
        .toList();
  }

  private interface Copy {
    void copy(int to, int from);
  }

  /** Walks a crop or the strided pixels in the order channel, row, column. */
  private void visit(String part, int h, int w, Copy copy) {
    boolean strided = part.equals("strided");
    int rows = strided ? (h + stride - 1) / stride : crop;
    int columns = strided ? (w + stride - 1) / stride : crop;
    IntUnaryOperator row = place(part, "top", "bottom", h);
    IntUnaryOperator column = place(part, "left", "right", w);
    int to = 0;
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < rows; y++) {
        for (int x = 0; x < columns; x++) {
          copy.copy(to++, (c * h + row.applyAsInt(y)) * w + column.applyAsInt(x));
        }
      }
    }
  }

  private IntUnaryOperator place(String part, String low, String high, int extent) {
    if (part.equals("strided")) {
      return i -> i * stride;
    }
    if (part.contains(low)) {
      return i -> i;
    }
    int offset = part.contains(high) ? extent - crop : (extent - crop) / 2;
    return i -> offset + i;
  }

  @Test
  void shouldRoundAsPythonDoes() {
    SafetensorsFile file = SafetensorsFile.open(Golden.path("preprocess", "rounding.safetensors"));
    int checked = 0;
    for (String name : file.names()) {
      int dot = name.indexOf('.');
      if (dot > 0) {
        Rounding rounding = Rounding.valueOf(name.substring(dot + 1).toUpperCase(Locale.ROOT));
        ByteBuffer expected = file.bytes(name);
        float[] values = file.floats(name.substring(0, dot));
        for (int i = 0; i < values.length; i++) {
          assertEquals(
              expected.get(i) & 0xff, rounding.toByte(values[i]) & 0xff, name + " of " + values[i]);
        }
        checked++;
      }
    }
    assertTrue(checked >= 7, "tables checked: " + checked);
  }

  private static Images read(String name) throws IOException {
    BufferedImage image = ImageIO.read(Golden.path("preprocess", name + ".png").toFile());
    byte[] rgb = new byte[image.getWidth() * image.getHeight() * 3];
    for (int y = 0, to = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        int argb = image.getRGB(x, y);
        rgb[to++] = (byte) (argb >> 16);
        rgb[to++] = (byte) (argb >> 8);
        rgb[to++] = (byte) argb;
      }
    }
    return new Images(1, image.getHeight(), image.getWidth(), rgb);
  }

  private static byte[] planes(Images images) {
    int plane = images.height() * images.width();
    byte[] planes = new byte[3 * plane];
    for (int i = 0; i < planes.length; i++) {
      planes[i] = images.rgb()[i % plane * 3 + i / plane];
    }
    return planes;
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
