package io.atelier.tests.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.lora.LoraFile;
import io.atelier.models.lora.LoraLayout;
import io.atelier.models.lora.LoraWeights;
import io.atelier.models.safetensors.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("golden")
class LoraFileGoldenTest {

  @TempDir Path temporary;

  private final JsonNode example = Golden.json("lora", "case.json");

  private static LoraWeights read(String layout) {
    return LoraFile.read(Golden.path("lora", layout), Golden.maps("sd35-tiny"));
  }

  /** What the adapter adds to each weight, times {@code factor}. */
  private static Map<String, float[]> deltas(LoraWeights adapter, double factor) {
    Map<String, float[]> deltas = new TreeMap<>();
    adapter
        .modules()
        .forEach(
            (module, pair) -> {
              int out = (int) pair.b().shape()[0];
              int in = (int) pair.a().shape()[1];
              float[] delta = new float[out * in];
              for (int i = 0; i < delta.length; i++) {
                double sum = 0;
                for (int k = 0; k < adapter.rank(); k++) {
                  sum +=
                      (double) pair.b().values()[i / in * adapter.rank() + k]
                          * pair.a().values()[k * in + i % in];
                }
                delta[i] = (float) (factor * adapter.scale() * sum);
              }
              deltas.put(module, delta);
            });
    return deltas;
  }

  private static void assertSame(
      String what, Map<String, float[]> expected, Map<String, float[]> actual) {
    assertEquals(expected.keySet(), actual.keySet(), what);
    expected.forEach(
        (module, delta) ->
            Golden.assertCloseRelative(what + " " + module, delta, actual.get(module), 1e-6));
  }

  @Test
  void shouldReadTheSameAdapterFromEveryLayout() {
    LoraWeights peft = read("peft");
    assertEquals(example.get("rank").intValue(), peft.rank());
    assertEquals(example.get("alpha").doubleValue(), peft.alpha());
    assertEquals(example.get("modules").intValue(), peft.modules().size());
    assertEquals(example.get("parameters").longValue(), peft.tensors().elements());
    Map<String, float[]> expected = deltas(peft, 1);
    assertTrue(example.get("scaled_by").size() > 1);
    for (JsonNode layout : example.get("scaled_by")) {
      assertSame(layout.textValue(), expected, deltas(read(layout.textValue()), 1));
    }
    for (JsonNode layout : example.get("unscaled_by")) {
      assertSame(layout.textValue(), expected, deltas(read(layout.textValue()), peft.scale()));
    }
  }

  @Test
  void shouldWriteTheTensorsOfTheReference() throws IOException {
    LoraWeights peft = read("peft");
    LoraFile.write(temporary.resolve("peft"), peft, LoraLayout.PEFT, DType.F32, Map.of());
    LoraFile.write(
        temporary.resolve("diffusers_folded"), peft, LoraLayout.DIFFUSERS, DType.F32, Map.of());
    LoraFile.write(
        temporary.resolve("diffusers_metadata"),
        peft,
        LoraLayout.DIFFUSERS_METADATA,
        DType.F32,
        Map.of());
    assertArrayEquals(
        Files.readAllBytes(Golden.path("lora", "peft", "adapter_model.safetensors")),
        Files.readAllBytes(temporary.resolve("peft/adapter_model.safetensors")));
    String file = "diffusers_folded/pytorch_lora_weights.safetensors";
    assertArrayEquals(
        Files.readAllBytes(Golden.path("lora", file)), Files.readAllBytes(temporary.resolve(file)));
    for (String layout : new String[] {"peft", "diffusers_folded", "diffusers_metadata"}) {
      LoraWeights expected = read(layout);
      LoraWeights written = LoraFile.read(temporary.resolve(layout), Golden.maps("sd35-tiny"));
      assertEquals(expected.rank(), written.rank(), layout);
      assertEquals(expected.alpha(), written.alpha(), layout);
      assertEquals(expected.tensors().contentHash(), written.tensors().contentHash(), layout);
    }
  }
}
