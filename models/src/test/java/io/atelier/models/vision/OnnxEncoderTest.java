package io.atelier.models.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.models.assets.EmojiPack;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.vision.Encoder.Feature;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OnnxEncoderTest {

  private static final EncoderConfig ONE = EncoderConfig.DEFAULT;

  @Test
  void shouldGiveGoldenFeaturesOfLite0() throws IOException {
    try (OnnxEncoder encoder = OnnxEncoder.lite0(ONE)) {
      checkGolden("lite0-golden.json", encoder);
    }
  }

  @Test
  void shouldGiveGoldenFeaturesOfMobileNetV2() throws IOException {
    try (OnnxEncoder encoder = OnnxEncoder.mobileNetV2(ONE)) {
      checkGolden("mbv2-golden.json", encoder);
    }
  }

  private static void checkGolden(String file, OnnxEncoder encoder) throws IOException {
    assertEquals(List.of("pool"), encoder.vectors());
    assertEquals(List.of("low", "mid"), encoder.maps());
    JsonNode golden;
    try (InputStream in = EmojiPack.class.getResourceAsStream(file)) {
      golden = new ObjectMapper().readTree(in);
    }
    Map<String, Feature> features = encoder.run(sine());
    for (String name : new String[] {"low", "mid", "pool"}) {
      JsonNode expected = golden.get(name);
      Feature feature = features.get(name);
      assertEquals(expected.get("shape").size(), feature.shape().length, name);
      for (int d = 0; d < feature.shape().length; d++) {
        assertEquals(expected.get("shape").get(d).asLong(), feature.shape()[d], name);
      }
      double std = expected.get("std").asDouble();
      double bound = 2e-5 * std;
      double mean = 0;
      for (float value : feature.values()) {
        mean += value / feature.values().length;
      }
      double square = 0;
      for (float value : feature.values()) {
        square += (value - mean) * (value - mean) / feature.values().length;
      }
      assertEquals(expected.get("mean").asDouble(), mean, bound, name + " mean");
      assertEquals(std, Math.sqrt(square), bound, name + " std");
      for (int i = 0; i < 8; i++) {
        assertEquals(
            expected.get("first8").get(i).asDouble(), feature.values()[i], bound, name + i);
      }
    }
  }

  private static Pixels sine() {
    float[] values = new float[3 * 64 * 64];
    for (int c = 0, i = 0; c < 3; c++) {
      for (int y = 0; y < 64; y++) {
        for (int x = 0; x < 64; x++) {
          values[i++] = (float) Math.sin(0.1 * x + 0.07 * y * (c + 1));
        }
      }
    }
    return new Pixels(1, 64, 64, values);
  }

  @Test
  void shouldGiveTheSameBitsForAnyBatchAndThreadCount() {
    Images images = EmojiPack.load().images(EmojiStyle.THREE_D).slice(100, 107);
    EncoderConfig other = new EncoderConfig(128, Filter.BICUBIC, 2, 3);
    try (OnnxEncoder one = OnnxEncoder.lite0(ONE);
        OnnxEncoder three = OnnxEncoder.lite0(other)) {
      assertEquals(one.id(), three.id());
      Map<String, Feature> expected = one.encode(images);
      Map<String, Feature> actual = three.encode(images);
      for (String name : expected.keySet()) {
        assertArrayEquals(expected.get(name).shape(), actual.get(name).shape());
        assertArrayEquals(expected.get(name).values(), actual.get(name).values(), name);
      }
      assertArrayEquals(new long[] {7, 40, 16, 16}, actual.get("low").shape());
    }
  }

  @Test
  void shouldSayWhatIsWrongWithASetting() {
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> OnnxEncoder.lite0(new EncoderConfig(100, Filter.BICUBIC, 1, 16)));
    assertEquals(
        "encoder-pixels 100 must be a multiple of 32 for an embedded encoder", error.getMessage());
    error =
        assertThrows(
            IllegalArgumentException.class,
            () -> OnnxEncoder.open("broken", new byte[9], Preprocess.dino(56), ONE));
    assertTrue(error.getMessage().startsWith("encoder broken cannot be opened"));
  }
}
