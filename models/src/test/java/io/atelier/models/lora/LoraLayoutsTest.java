package io.atelier.models.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.safetensors.Bfloat16;
import io.atelier.models.safetensors.DType;
import io.atelier.models.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters as other trainers write them add to each weight what those trainers add. */
class LoraLayoutsTest {

  private static final int WIDTH = 4;

  private static final Map<String, long[]> MAPS = new TreeMap<>();

  static {
    for (String block : new String[] {"transformer_blocks.0.", "transformer_blocks.1."}) {
      boolean last = block.contains("1");
      for (String map : new String[] {"to_q", "to_k", "to_v", "add_q_proj", "add_k_proj"}) {
        MAPS.put(block + "attn." + map, new long[] {WIDTH, WIDTH});
      }
      MAPS.put(block + "attn.add_v_proj", new long[] {WIDTH, WIDTH});
      MAPS.put(block + "attn.to_out.0", new long[] {WIDTH, WIDTH});
      MAPS.put(block + "ff.net.0.proj", new long[] {4 * WIDTH, WIDTH});
      MAPS.put(block + "ff.net.2", new long[] {WIDTH, 4 * WIDTH});
      MAPS.put(block + "norm1.linear", new long[] {6 * WIDTH, WIDTH});
      MAPS.put(block + "norm1_context.linear", new long[] {(last ? 2 : 6) * WIDTH, WIDTH});
      if (!last) {
        MAPS.put(block + "attn.to_add_out", new long[] {WIDTH, WIDTH});
        MAPS.put(block + "ff_context.net.2", new long[] {WIDTH, 4 * WIDTH});
      }
    }
    MAPS.put("proj_out", new long[] {8, WIDTH});
    MAPS.put("norm_out.linear", new long[] {2 * WIDTH, WIDTH});
    MAPS.put("context_embedder", new long[] {WIDTH, 6});
  }

  @TempDir Path folder;
  private Path file;
  private SafetensorsWriter writer;
  private SplittableRandom random;

  @BeforeEach
  void begin() {
    file = folder.resolve("lora.safetensors");
    writer = new SafetensorsWriter();
    random = new SplittableRandom(5);
  }

  /** Multiples of 1/8 below 4 are the same in every type. */
  private float[] matrix(int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(-31, 32) / 8f;
    }
    return values;
  }

  private void add(DType type, String name, float[] values, long... shape) {
    assertTrue(Bfloat16.areAll(values));
    writer.add(name, type, shape, values);
  }

  private LoraWeights read() {
    writer.write(file);
    return LoraFile.read(file, MAPS);
  }

  /** alpha / rank B A of one map, in float64. */
  private static double[] delta(LoraWeights adapter, String map) {
    LoraWeights.Pair pair = adapter.modules().get(map);
    return delta(
        pair.b().values(), pair.a().values(), adapter.rank(), adapter.alpha() / adapter.rank());
  }

  private static double[] delta(float[] b, float[] a, int rank, double scale) {
    int in = a.length / rank;
    double[] delta = new double[b.length / rank * in];
    for (int i = 0; i < delta.length; i++) {
      for (int k = 0; k < rank; k++) {
        delta[i] += scale * b[i / in * rank + k] * a[k * in + i % in];
      }
    }
    return delta;
  }

  @ParameterizedTest
  @CsvSource({
    "lora_unet_transformer_blocks_1_attn_to_out_0, transformer_blocks.1.attn.to_out.0",
    "lora_transformer_transformer_blocks_0_attn_to_q, transformer_blocks.0.attn.to_q",
    "transformer.transformer_blocks.0.ff.net.0.proj, transformer_blocks.0.ff.net.0.proj",
    "diffusion_model.joint_blocks.0.x_block.mlp.fc1, transformer_blocks.0.ff.net.0.proj",
    "lora_unet_joint_blocks_0_context_block_mlp_fc2, transformer_blocks.0.ff_context.net.2",
    "lora_unet_joint_blocks_0_context_block_attn_proj, transformer_blocks.0.attn.to_add_out",
    "lora_unet_joint_blocks_1_x_block_attn_proj, transformer_blocks.1.attn.to_out.0",
    "lora_unet_joint_blocks_1_x_block_adaLN_modulation_1, transformer_blocks.1.norm1.linear",
    "lora_unet_joint_blocks_0_context_block_adaLN_modulation_1,"
        + " transformer_blocks.0.norm1_context.linear",
    "lora_unet_final_layer_linear, proj_out",
    "lora_unet_context_embedder, context_embedder",
    "proj_out, proj_out",
  })
  void shouldFindTheMapWhateverItIsCalled(String name, String map) {
    int out = (int) MAPS.get(map)[0];
    int in = (int) MAPS.get(map)[1];
    float[] a = matrix(2, in);
    float[] b = matrix(out, 2);
    add(DType.F32, name + ".lora_down.weight", a, 2, in);
    add(DType.F32, name + ".lora_up.weight", b, out, 2);
    add(DType.F32, name + ".alpha", new float[] {3});
    LoraWeights adapter = read();
    assertEquals(map, adapter.modules().firstKey());
    assertEquals(3, adapter.alpha());
    assertArrayEquals(delta(b, a, 2, 1.5), delta(adapter, map));
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void shouldReadEveryFloatingType(DType type) {
    float[] a = matrix(2, WIDTH);
    float[] b = matrix(WIDTH, 2);
    add(type, "transformer.transformer_blocks.0.attn.to_q.lora.down.weight", a, 2, WIDTH);
    add(type, "transformer.transformer_blocks.0.attn.to_q.lora.up.weight", b, WIDTH, 2);
    LoraWeights adapter = read();
    assertEquals(1, adapter.scale(), "no alpha, no scale");
    assertArrayEquals(delta(b, a, 2, 1), delta(adapter, "transformer_blocks.0.attn.to_q"));
  }

  @Test
  void shouldTakeFusedProjectionsApart() {
    float[] a = matrix(2, WIDTH);
    float[] b = matrix(3 * WIDTH, 2);
    String name = "lora_unet_joint_blocks_1_context_block_attn_qkv";
    add(DType.BF16, name + ".lora_down.weight", a, 2, WIDTH);
    add(DType.BF16, name + ".lora_up.weight", b, 3 * WIDTH, 2);
    writer.add(name + ".alpha", new long[0], new long[] {1});
    LoraWeights adapter = read();
    double[] whole = delta(b, a, 2, .5);
    int part = WIDTH * WIDTH;
    int at = 0;
    for (String map : new String[] {"add_q_proj", "add_k_proj", "add_v_proj"}) {
      assertArrayEquals(
          Arrays.copyOfRange(whole, at, at + part),
          delta(adapter, "transformer_blocks.1.attn." + map),
          map);
      at += part;
    }
    assertEquals(3, adapter.modules().size());
  }

  /** The first network's code has shift before scale there, the one of diffusers after it. */
  @ParameterizedTest
  @CsvSource({
    "lora_unet_final_layer_adaLN_modulation_1, norm_out.linear",
    "lora_unet_joint_blocks_1_context_block_adaLN_modulation_1,"
        + " transformer_blocks.1.norm1_context.linear",
  })
  void shouldSwapShiftAndScaleOfTheLastModulations(String name, String map) {
    float[] a = matrix(1, WIDTH);
    float[] b = matrix(2 * WIDTH, 1);
    add(DType.F32, name + ".lora_down.weight", a, 1, WIDTH);
    add(DType.F32, name + ".lora_up.weight", b, 2 * WIDTH, 1);
    double[] whole = delta(b, a, 1, 1);
    int half = WIDTH * WIDTH;
    double[] read = delta(read(), map);
    assertArrayEquals(Arrays.copyOfRange(whole, half, 2 * half), Arrays.copyOf(read, half));
    assertArrayEquals(Arrays.copyOf(whole, half), Arrays.copyOfRange(read, half, 2 * half));
  }

  @Test
  void shouldJoinLayersOfSeveralRanksAndAlphas() {
    Map<String, double[]> expected = new TreeMap<>();
    int[] ranks = {1, 3, 2};
    double[] alphas = {1, 6, 8};
    String[] maps = {"attn.to_q", "attn.to_out.0", "ff.net.2"};
    for (int i = 0; i < maps.length; i++) {
      String map = "transformer_blocks.0." + maps[i];
      int in = (int) MAPS.get(map)[1];
      float[] a = matrix(ranks[i], in);
      float[] b = matrix(WIDTH, ranks[i]);
      String name = "lora_unet_" + map.replace('.', '_');
      add(DType.F16, name + ".lora_down.weight", a, ranks[i], in);
      add(DType.F16, name + ".lora_up.weight", b, WIDTH, ranks[i]);
      add(DType.F16, name + ".alpha", new float[] {(float) alphas[i]});
      expected.put(map, delta(b, a, ranks[i], alphas[i] / ranks[i]));
    }
    LoraWeights adapter = read();
    assertEquals(3, adapter.rank());
    expected.forEach((map, delta) -> assertArrayEquals(delta, delta(adapter, map), map));
  }

  @Test
  void shouldAddUpWhatSeveralAdaptersAdd() {
    String[] maps = {"proj_out", "transformer_blocks.0.attn.to_q", "transformer_blocks.0.ff.net.2"};
    LoraWeights[] adapters = new LoraWeights[2];
    for (int i = 0; i < 2; i++) {
      begin();
      random = new SplittableRandom(i);
      for (String map : new String[] {maps[i], maps[i + 1]}) {
        int out = (int) MAPS.get(map)[0];
        int in = (int) MAPS.get(map)[1];
        add(DType.F32, map + ".lora_down.weight", matrix(2 + i, in), 2 + i, in);
        add(DType.F32, map + ".lora_up.weight", matrix(out, 2 + i), out, 2 + i);
      }
      adapters[i] = read();
    }
    LoraWeights sum = LoraWeights.sum(List.of(adapters), List.of(1.0, -0.5));
    for (String map : maps) {
      double[] expected = new double[(int) (MAPS.get(map)[0] * MAPS.get(map)[1])];
      for (int i = 0; i < 2; i++) {
        if (adapters[i].modules().containsKey(map)) {
          double[] delta = delta(adapters[i], map);
          for (int k = 0; k < delta.length; k++) {
            expected[k] += (i == 0 ? 1 : -0.5) * delta[k];
          }
        }
      }
      assertArrayEquals(expected, delta(sum, map), 1e-12, map);
    }
  }

  @Test
  void shouldFollowPeftsPatterns() throws IOException {
    file = folder.resolve("adapter_model.safetensors");
    Map<String, double[]> expected = new TreeMap<>();
    for (String map :
        new String[] {
          "transformer_blocks.0.attn.to_q",
          "transformer_blocks.1.attn.to_q",
          "transformer_blocks.0.ff.net.2"
        }) {
      int rank = map.endsWith("ff.net.2") ? 4 : 2;
      double alpha = map.equals("transformer_blocks.1.attn.to_q") ? 1 : 6;
      int in = (int) MAPS.get(map)[1];
      float[] a = matrix(rank, in);
      float[] b = matrix(WIDTH, rank);
      add(DType.F32, "base_model.model." + map + ".lora_A.weight", a, rank, in);
      add(DType.F32, "base_model.model." + map + ".lora_B.weight", b, WIDTH, rank);
      expected.put(map, delta(b, a, rank, alpha / rank));
    }
    String config =
        "{\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":6,\"rank_pattern\":{\"ff\\\\.net\\\\.2\":4},"
            + "\"alpha_pattern\":{\"^transformer_blocks.1.attn.to_q\":1}}";
    Files.writeString(folder.resolve("adapter_config.json"), config);
    LoraWeights adapter = read();
    expected.forEach((map, delta) -> assertArrayEquals(delta, delta(adapter, map), map));

    Files.writeString(
        folder.resolve("adapter_config.json"), config.replace("1.attn.to_q\":1", "7.attn\":1"));
    refused("alpha_pattern\" has \"^transformer_blocks.7.attn\", which fits no layer");
    Files.writeString(folder.resolve("adapter_config.json"), config.replace(":4}", ":3}"));
    refused("does not fit rank 3");
    Files.writeString(folder.resolve("adapter_config.json"), config.replace("^transf", "(transf"));
    refused("which is not a valid pattern");
  }

  private void refused(String told) {
    writer.write(file);
    String message =
        assertThrows(LoraException.class, () -> LoraFile.read(file, MAPS)).getMessage();
    assertTrue(message.contains(file.toString()) && message.contains(told), message);
    assertEquals(1, message.lines().count());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X.dora_scale | DoRA",
        "X.lora_magnitude_vector | DoRA",
        "X.lora_magnitude_vector.default.weight | DoRA",
        "X.lokr_w1 | LoKr",
        "X.hada_w1_a | LoHa",
        "X.oft_blocks | OFT",
        "X.oft_R.weight | OFT",
        "X.lora_mid.weight | Tucker",
        "X.diff | whole weight",
        "X.lora_B.bias | bias",
        "X.surprise | not part",
        "lora_te1_text_model_encoder_layers_0_mlp_fc1.lora_down.weight | text encoder",
        "lora_te3_encoder_block_0.lora_down.weight | text encoder",
        "text_encoder_2.text_model.encoder.layers.0.mlp.fc1.lora_A.weight | text encoder",
        "lora_unet_joint_blocks_7_x_block_attn_proj.lora_down.weight | lacks its partner",
      })
  void shouldRefuseByNameWhatIsNoPlainLora(String row) {
    String[] parts = row.split(" \\| ");
    String map = "lora_unet_transformer_blocks_0_attn_to_q";
    add(DType.F32, map + ".lora_down.weight", matrix(2, WIDTH), 2, WIDTH);
    add(DType.F32, map + ".lora_up.weight", matrix(WIDTH, 2), WIDTH, 2);
    String name = parts[0].replace("X", map);
    add(DType.F32, name, matrix(2, WIDTH), 2, WIDTH);
    refused("tensor \"" + name + "\" ");
    refused(parts[1]);
  }

  @Test
  void shouldRefuseWhatDoesNotFitTheModel() {
    String unknown = "lora_unet_joint_blocks_7_x_block_attn_proj";
    add(DType.F32, unknown + ".lora_down.weight", matrix(2, WIDTH), 2, WIDTH);
    add(DType.F32, unknown + ".lora_up.weight", matrix(WIDTH, 2), WIDTH, 2);
    refused(unknown + ".lora_down.weight\" adapts nothing that can be adapted in this model");

    begin();
    add(DType.F32, "lora_unet_proj_out.lora_down.weight", matrix(2, 6), 2, 6);
    add(DType.F32, "lora_unet_proj_out.lora_up.weight", matrix(8, 2), 8, 2);
    refused("do not fit proj_out of this model, which needs (rank, 4) and (8, rank)");

    begin();
    for (String name : new String[] {"lora_unet_proj_out", "lora_unet_final_layer_linear"}) {
      add(DType.F32, name + ".lora_down.weight", matrix(2, WIDTH), 2, WIDTH);
      add(DType.F32, name + ".lora_up.weight", matrix(8, 2), 8, 2);
    }
    refused("adapts proj_out a second time");

    begin();
    add(DType.F32, "lora_unet_proj_out.lora_down.weight", matrix(2, WIDTH), 2, WIDTH);
    add(DType.F32, "lora_unet_proj_out.lora_up.weight", matrix(8, 2), 8, 2);
    add(DType.F32, "lora_unet_proj_out.alpha", new float[] {0});
    refused("alpha must be positive");
  }
}
