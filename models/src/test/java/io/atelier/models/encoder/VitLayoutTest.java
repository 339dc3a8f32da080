package io.atelier.models.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.encoder.VitConfig.Activation;
import io.atelier.models.encoder.VitConfig.Biases;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.tensor.WeightSource;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.Filter;
import io.atelier.models.vision.Images;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * What the golden set lacks: a DINOv2 with a gated feed-forward, as the giant one has it, and a
 * DINOv3 without biases of queries, keys and values.
 */
class VitLayoutTest {

  private static final int WIDTH = 64;
  private static final int INNER = 24;

  /** One block, four positions; the same weights under the names of a layout. */
  private static SortedMap<String, Tensor> weights(VitLayout layout) {
    VitConfig config =
        new VitConfig(layout, WIDTH, 1, 1, INNER, 14, 2, 0, Biases.ALL, Activation.SWIGLU, 1e-6, 0);
    return weights(config);
  }

  private static SortedMap<String, Tensor> weights(VitConfig config) {
    SortedMap<String, Tensor> tensors = new TreeMap<>();
    Random random = new Random(4);
    // In the order of the shapes, which is that of the network, the numbers are the same.
    config
        .shapes()
        .forEach(
            (name, shape) -> {
              float[] values = new float[NamedTensors.elements(shape)];
              for (int i = 0; i < values.length; i++) {
                values[i] = (float) (0.3 * random.nextGaussian());
              }
              tensors.put(name, new Tensor(shape, values));
            });
    return tensors;
  }

  private static WeightSource source(SortedMap<String, Tensor> tensors) {
    return WeightSource.of("weights", new NamedTensors(tensors));
  }

  private static float[] tokens(VitLayout layout, SortedMap<String, Tensor> tensors) {
    WeightSource source = source(tensors);
    VitConfig config = layout.infer(source, Optional.empty());
    assertEquals(Activation.SWIGLU, config.activation());
    assertEquals(INNER, config.inner());
    return classTokens(config, source);
  }

  private static float[] classTokens(VitConfig config, WeightSource source) {
    byte[] rgb = new byte[3 * 28 * 28];
    new Random(5).nextBytes(rgb);
    EncoderConfig settings = new EncoderConfig(28, Filter.BICUBIC, 1, 1);
    try (VitEncoder encoder = new VitEncoder("dino", config, source, settings)) {
      return encoder.encode(new Images(1, 28, 28, rgb)).get("cls").values();
    }
  }

  @Test
  void shouldReadAGatedFeedForwardUnderEachName() {
    float[] facebook = tokens(VitLayout.FACEBOOK, weights(VitLayout.FACEBOOK));
    assertArrayEquals(facebook, tokens(VitLayout.TIMM, weights(VitLayout.TIMM)));
  }

  /** The feed-forward adds W3 (silu(first) · second) + b3: b3 alone where the first half is 0. */
  @Test
  void shouldGateByTheFirstHalf() {
    SortedMap<String, Tensor> tensors = weights(VitLayout.FACEBOOK);
    zero(tensors, "blocks.0.ls1.gamma", 0, WIDTH);
    float[] open = tokens(VitLayout.FACEBOOK, tensors);
    zero(tensors, "blocks.0.mlp.w12.weight", 0, INNER * WIDTH);
    zero(tensors, "blocks.0.mlp.w12.bias", 0, INNER);
    float[] shut = tokens(VitLayout.FACEBOOK, tensors);
    zero(tensors, "blocks.0.mlp.w3.weight", 0, WIDTH * INNER);
    float[] none = tokens(VitLayout.FACEBOOK, tensors);
    assertArrayEquals(none, shut, 1e-6f, "silu(0) = 0 shuts the gate");
    double moved = 0;
    for (int i = 0; i < open.length; i++) {
      moved = Math.max(moved, Math.abs(open[i] - shut[i]));
    }
    assertTrue(moved > 0.01, "the open gate lets something through: " + moved);
  }

  private static void zero(SortedMap<String, Tensor> tensors, String name, int from, int to) {
    Arrays.fill(tensors.get(name).values(), from, to, 0);
  }

  @Test
  void shouldSayWhatNoShapeTells() {
    SortedMap<String, Tensor> odd = weights(VitLayout.FACEBOOK);
    odd.put(
        "patch_embed.proj.weight",
        new Tensor(new long[] {48, 3, 14, 14}, new float[48 * 3 * 14 * 14]));
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> VitLayout.FACEBOOK.infer(source(odd), Optional.empty()));
    assertEquals(
        "weights: a width of 48 is not a multiple of 64, so the number of attention heads is not"
            + " known; put it in a folder with a config.json of transformers",
        error.getMessage());
  }

  @Test
  void shouldTakeBiasesThatAreNotThereAsZero() {
    VitConfig config =
        new VitConfig(
            VitLayout.TIMM_DINOV3,
            WIDTH,
            2,
            4,
            INNER,
            14,
            16,
            4,
            Biases.QUERIES_AND_VALUES,
            Activation.GELU,
            1e-5,
            0);
    SortedMap<String, Tensor> tensors = weights(config);
    float[] biased = dinov3(tensors, Biases.QUERIES_AND_VALUES);
    for (String name : tensors.keySet()) {
      if (name.endsWith("attn.q_bias") || name.endsWith("attn.v_bias")) {
        zero(tensors, name, 0, WIDTH);
      }
    }
    float[] zero = dinov3(tensors, Biases.QUERIES_AND_VALUES);
    tensors.keySet().removeIf(name -> name.endsWith("_bias"));
    assertArrayEquals(zero, dinov3(tensors, Biases.NONE));
    assertFalse(Arrays.equals(zero, biased), "a bias changes something");
  }

  private static float[] dinov3(SortedMap<String, Tensor> tensors, Biases biases) {
    WeightSource source = source(tensors);
    assertEquals(Optional.of(VitLayout.TIMM_DINOV3), VitLayout.of(source));
    VitConfig config = VitLayout.TIMM_DINOV3.infer(source, Optional.of(4));
    assertEquals(biases, config.biases());
    return classTokens(config, source);
  }
}
