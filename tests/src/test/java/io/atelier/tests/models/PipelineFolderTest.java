package io.atelier.tests.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.assets.EmbeddedModel;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.Vae;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.text.ClipTokenizer;
import io.atelier.tests.models.PipelineCopy.Values;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PipelineFolderTest {

  private static final String NETWORK = "transformer/diffusion_pytorch_model.safetensors";
  private static final String T5 = "text_encoder_3/model.safetensors";

  @TempDir Path temporary;

  private PipelineCopy copy() {
    return PipelineCopy.of("sd3-tiny", temporary.resolve("model"));
  }

  private static void refused(PipelineCopy model, String... told) {
    String message =
        assertThrows(RuntimeException.class, () -> model.folder().check()).getMessage();
    for (String part : told) {
      assertTrue(message.contains(part), () -> "\"%s\" lacks \"%s\"".formatted(message, part));
    }
    assertFalse(message.contains("REDACTED") || message.contains("Exception"), message);
    assertFalse(message.contains("\n"), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sd3-tiny", "sd35-tiny"})
  void shouldPassWhatDiffusersWrites(String pipeline) {
    PipelineCopy model = PipelineCopy.of(pipeline, temporary.resolve("model"));
    assertDoesNotThrow(() -> model.folder().check());
    assertTrue(model.folder().hasT5());
  }

  @Test
  void shouldPassTheEmbeddedModel() {
    assertDoesNotThrow(() -> new PipelineFolder(EmbeddedModel.emoji64()).check());
  }

  /** Keys of the published folders of Stable Diffusion 3 and 3.5 that the small ones lack. */
  @Test
  void shouldPassTheKeysOfPublishedFolders() {
    PipelineCopy model = copy();
    model.set("model_index.json", "_name_or_path", "\"someone/model\"");
    for (String part : new String[] {"text_encoder", "text_encoder_2", "text_encoder_3"}) {
      String file = part + "/config.json";
      model.set(file, "_name_or_path", "\"google/t5-v1_1-xxl\"");
      model.set(file, "torch_dtype", "\"float16\"").set(file, "dropout", "0.1");
      model.set(file, "output_past", "true").set(file, "use_cache", "true");
      model.set(file, "decoder_start_token_id", "0").set(file, "is_encoder_decoder", "true");
    }
    String tokenizer = "tokenizer_3/tokenizer_config.json";
    model.set(tokenizer, "legacy", "true").set(tokenizer, "clean_up_tokenization_spaces", "true");
    model.set(tokenizer, "add_prefix_space", "true").set(tokenizer, "sp_model_kwargs", "{}");
    model.set("tokenizer/tokenizer_config.json", "do_lower_case", "true");
    model.set("transformer/config.json", "qk_norm", "");
    model.set("transformer/config.json", "dual_attention_layers", "");
    model.set("vae/config.json", "mid_block_add_attention", "");
    String scheduler = "scheduler/scheduler_config.json";
    for (String key : new String[] {"use_karras_sigmas", "use_beta_sigmas", "time_shift_type"}) {
      model.set(scheduler, key, "");
    }
    assertDoesNotThrow(() -> model.folder().check());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "scheduler/scheduler_config.json | use_karras_sigmas | true",
        "scheduler/scheduler_config.json | use_beta_sigmas | true",
        "scheduler/scheduler_config.json | use_exponential_sigmas | true",
        "scheduler/scheduler_config.json | use_dynamic_shifting | true",
        "scheduler/scheduler_config.json | stochastic_sampling | true",
        "scheduler/scheduler_config.json | invert_sigmas | true",
        "scheduler/scheduler_config.json | shift_terminal | 0.1",
        "scheduler/scheduler_config.json | shift | 0",
        "scheduler/scheduler_config.json | shift | '\"three\"'",
        "scheduler/scheduler_config.json | num_train_timesteps | 0",
        "scheduler/scheduler_config.json | flow_shift | 3.0",
        "scheduler/scheduler_config.json | _class_name | '\"UniPCMultistepScheduler\"'",
        "transformer/config.json | _class_name | '\"FluxTransformer2DModel\"'",
        "transformer/config.json | qk_norm | '\"layer_norm\"'",
        "transformer/config.json | out_channels | 32",
        "transformer/config.json | caption_projection_dim | 64",
        "transformer/config.json | guidance_embeds | true",
        "transformer/config.json | patch_size | 0",
        "transformer/config.json | num_layers | 3.5",
        "transformer/config.json | dual_attention_layers | '[\"a\"]'",
        "vae/config.json | latents_mean | '[5.0]'",
        "vae/config.json | latents_std | '[9.0]'",
        "vae/config.json | act_fn | '\"gelu\"'",
        "vae/config.json | shift_factor | null",
        "vae/config.json | scaling_factor | 0",
        "vae/config.json | in_channels | 4",
        "vae/config.json | down_block_types | '[\"DownEncoderBlock2D\"]'",
        "vae/config.json | _class_name | '\"AutoencoderDC\"'",
        "text_encoder/config.json | hidden_act | '\"gelu_pytorch_tanh\"'",
        "text_encoder/config.json | model_type | '\"siglip_text_model\"'",
        "text_encoder/config.json | num_attention_heads | 5",
        "text_encoder_3/config.json | feed_forward_proj | '\"relu\"'",
        "text_encoder_3/config.json | dense_act_fn | '\"silu\"'",
        "text_encoder_3/config.json | is_decoder | true",
        "text_encoder_3/config.json | model_type | '\"umt5\"'",
        "text_encoder_3/config.json | quantization_config | '{\"load_in_8bit\": true}'",
        "tokenizer/tokenizer_config.json | padding_side | '\"left\"'",
        "tokenizer/tokenizer_config.json | do_lower_case | false",
        "tokenizer/tokenizer_config.json | tokenizer_class | '\"GPT2Tokenizer\"'",
        "tokenizer_3/tokenizer_config.json | sp_model_kwargs | '{\"enable_sampling\": true}'",
        "model_index.json | _class_name | '\"StableDiffusionXLPipeline\"'",
        "model_index.json | transformer | '[null, null]'",
        "model_index.json | vae | '[\"diffusers\", \"AutoencoderTiny\"]'",
        "model_index.json | controlnet | '[\"diffusers\", \"SD3ControlNetModel\"]'",
      })
  void shouldRefuseByNameWhatWouldGiveAnotherResult(String file, String key, String value) {
    refused(copy().set(file, key, value), file, "\"" + key + "\": ");
  }

  @ParameterizedTest
  @CsvSource({
    "scheduler/scheduler_config.json, shift, a number",
    "transformer/config.json, num_layers, a whole number",
    "vae/config.json, shift_factor, a number",
    "text_encoder/config.json, eos_token_id, a whole number",
    "model_index.json, _class_name, a text",
  })
  void shouldSayWhichKeyIsMissing(String file, String key, String kind) {
    refused(copy().set(file, key, ""), file, "\"" + key + "\" is missing; it should be " + kind);
  }

  @ParameterizedTest
  @ValueSource(strings = {"text_encoder_3", "tokenizer_3", "vae", "scheduler", "text_encoder_2"})
  void shouldRefuseAPartThatIsNamedAndAbsent(String part) {
    PipelineCopy model = copy().without(part);
    String message = assertThrows(IllegalArgumentException.class, model::folder).getMessage();
    assertTrue(message.contains("names the part " + part + ","), message);
    assertTrue(message.contains("download it"), message);
  }

  @Test
  void shouldNotReadAPartThatIsNotUsed() {
    PipelineCopy model =
        copy()
            .set("model_index.json", "text_encoder_3", "[null, null]")
            .set("model_index.json", "tokenizer_3", "[null, null]");
    model.write("text_encoder_3/config.json", "not used");
    assertFalse(model.folder().hasT5());
    assertDoesNotThrow(() -> model.folder().check());
    refused(
        model.set("model_index.json", "tokenizer_3", "[\"transformers\", \"T5TokenizerFast\"]"),
        "only one of text_encoder_3 and tokenizer_3");
    refused(model.set("model_index.json", "tokenizer_3", ""), "\"tokenizer_3\" is missing");
  }

  @Test
  void shouldFindWeightsThatAreNotNumbersWhateverTheirPart() {
    refused(
        copy()
            .tensors(NETWORK, all -> all.get("proj_out.weight").values()[7] = Float.NaN)
            .tensors(T5, all -> all.get("shared.weight").values()[0] = 1),
        NETWORK,
        "\"proj_out.weight\" is NaN at element 7");
    for (String file : new String[] {"vae/diffusion_pytorch_model.safetensors", T5}) {
      PipelineCopy model = PipelineCopy.of("sd3-tiny", temporary.resolve(file.substring(0, 3)));
      model.tensors(
          file,
          all -> Arrays.fill(all.values().iterator().next().values(), Float.NEGATIVE_INFINITY));
      refused(model, file, "-Infinity at element 0");
    }
  }

  @Test
  void shouldRefuseWeightsThatTheConfigurationHasNoPlaceFor() {
    refused(
        copy().set("text_encoder_3/config.json", "num_layers", "1"),
        T5,
        "encoder.block.1.",
        "text_encoder_3/config.json has no place for");
    PipelineCopy spare = PipelineCopy.of("sd3-tiny", temporary.resolve("spare"));
    spare.tensors(T5, all -> all.put("encoder.embed_tokens.weight", all.get("shared.weight")));
    assertDoesNotThrow(() -> spare.folder().check());
  }

  @Test
  void shouldRefusePartsThatDoNotFitEachOther() {
    refused(
        copy().set("transformer/config.json", "pooled_projection_dim", "40"),
        "48 pooled features",
        "40");
    refused(
        PipelineCopy.of("sd3-tiny", temporary.resolve("end"))
            .set("text_encoder_2/config.json", "eos_token_id", "5"),
        "text_encoder_2/config.json",
        "\"eos_token_id\" is 5, but texts end with ");
    PipelineCopy model = PipelineCopy.of("sd3-tiny", temporary.resolve("length"));
    refused(
        model.set(
            "tokenizer/tokenizer_config.json",
            "model_max_length",
            "1000000000000000019884624838656"),
        "model_max_length",
        "77 tokens");
    PipelineCopy t5 = PipelineCopy.of("sd3-tiny", temporary.resolve("t5"));
    t5.set(
        "tokenizer_3/tokenizer_config.json", "model_max_length", "1000000000000000019884624838656");
    assertDoesNotThrow(() -> t5.folder().check(), "T5 has no longest text");
  }

  @Test
  void shouldApplyTheConvolutionsAroundTheLatents() {
    PipelineCopy plain = copy();
    PipelineCopy model = PipelineCopy.of("sd3-tiny", temporary.resolve("quant"));
    model.set("vae/config.json", "use_quant_conv", "true");
    model.set("vae/config.json", "use_post_quant_conv", "true");
    refused(model, "vae/diffusion_pytorch_model", "\"quant_conv.weight\" is missing");
    model.tensors(
        "vae/diffusion_pytorch_model.safetensors",
        all -> {
          all.put("quant_conv.weight", diagonal(32, 3));
          all.put("quant_conv.bias", new Values(new long[] {32}, new float[32]));
          all.put("post_quant_conv.weight", diagonal(16, 2));
          all.put("post_quant_conv.bias", new Values(new long[] {16}, new float[16]));
        });
    model.folder().check();
    Torch.enter(false);
    try (NDManager scope = Torch.newScope()) {
      Vae with = model.folder().loadVae(scope);
      Vae without = plain.folder().loadVae(scope);
      float[] latents = new float[16 * 4];
      for (int i = 0; i < latents.length; i++) {
        latents[i] = (i % 7 - 3) * 0.25f;
      }
      NDArray z = Host.toNative(scope, latents, 1, 16, 2, 2);
      assertArrayEquals(
          without.decodeRaw(z.mul(2)).toFloatArray(), with.decodeRaw(z).toFloatArray(), 1e-6f);
      NDArray image = Host.toNative(scope, new float[3 * 256], 1, 3, 16, 16);
      assertArrayEquals(
          without.moments(image).mul(3).toFloatArray(), with.moments(image).toFloatArray(), 1e-5f);
      assertFalse(
          Arrays.equals(without.decodeRaw(z).toFloatArray(), with.decodeRaw(z).toFloatArray()));
    }
    refused(
        model.set("vae/config.json", "use_quant_conv", "false"), "no place for", "quant_conv.bias");
  }

  private static Values diagonal(int size, float value) {
    float[] values = new float[size * size];
    for (int i = 0; i < size; i++) {
      values[i * size + i] = value;
    }
    return new Values(new long[] {size, size, 1, 1}, values);
  }

  @Test
  void shouldReadTheOneVariantThereIs() {
    PipelineCopy model = copy();
    String part = "transformer/";
    model.rename(NETWORK, "diffusion_pytorch_model.fp16.safetensors");
    model.rename(T5, "model.bf16.safetensors");
    assertDoesNotThrow(() -> model.folder().check());
    model.write(part + "diffusion_pytorch_model.bf16.safetensors", "");
    refused(
        model,
        "more than one set of weights",
        "diffusion_pytorch_model.bf16.safetensors, diffusion_pytorch_model.fp16.safetensors");
    model.rename(
        part + "diffusion_pytorch_model.fp16.safetensors", "diffusion_pytorch_model.safetensors");
    assertDoesNotThrow(() -> model.folder().check(), "the plain one is before variants");
    model.write(part + "diffusion_pytorch_model.safetensors.index.json", "{}");
    refused(model, "more than one set of weights", "index.json");
  }

  @Test
  void shouldSayWhatLiesInThePlaceOfAFile() {
    String lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:abab\nsize 12345678\n";
    String html = "\n<!DOCTYPE html><html><body>Access to this model is restricted</body></html>";
    refused(copy().write(NETWORK, lfs), NETWORK, "Git LFS pointer", "git lfs pull");
    PipelineCopy model = PipelineCopy.of("sd3-tiny", temporary.resolve("html"));
    refused(model.write(NETWORK, html), NETWORK, "web page", "download");
    refused(model.write(NETWORK, ""), NETWORK, "empty");
    refused(model.write(NETWORK, "PK\u0003\u0004" + "x".repeat(600)), NETWORK, "pickle");
    refused(model.write(NETWORK, "\0".repeat(600)), NETWORK, "zeros");
    refused(model.write(NETWORK, "abcdefghijkl"), NETWORK, "truncated or another kind of file");
    PipelineCopy json = PipelineCopy.of("sd3-tiny", temporary.resolve("json"));
    String config = "transformer/config.json";
    refused(json.write(config, lfs), config, "Git LFS pointer");
    refused(json.write(config, html), config, "web page");
    refused(json.write(config, "{\"num_layers\": 3,"), config, "breaks off in line 1");
    refused(json.write(config, "{\"num_layers\":\n three}"), config, "line 2", "three");
    refused(json.write(config, "[1]"), config, "not a JSON object");
    refused(json.without(config), config, "does not exist");
    PipelineCopy tokens = PipelineCopy.of("sd3-tiny", temporary.resolve("tokens"));
    String tokenizer = "tokenizer_3/tokenizer.json";
    refused(tokens.write(tokenizer, lfs), tokenizer, "Git LFS pointer");
    refused(tokens.write(tokenizer, "{"), tokenizer, "breaks off");
    refused(tokens.without(tokenizer), tokenizer, "spiece.model", "T5TokenizerFast");
    PipelineCopy merges = PipelineCopy.of("sd3-tiny", temporary.resolve("merges"));
    merges.without("tokenizer/tokenizer.json").without("tokenizer/merges.txt");
    refused(merges, "tokenizer/merges.txt", "it does not exist");
  }

  @Test
  void shouldNameTheFilesThatLieInAFolderWithoutWeights() {
    PipelineCopy model = copy().rename(NETWORK, "diffusion_pytorch_model.bin");
    refused(model, "diffusion_pytorch_model.bin", "not read", "safetensors");
    model.without("transformer/diffusion_pytorch_model.bin");
    refused(model, "transformer has neither", "only config.json", "download");
    Path single = temporary.resolve("single");
    PipelineCopy file = PipelineCopy.of("sd3-tiny", single).without("model_index.json");
    file.write("sd3_medium.safetensors", "x");
    String message = assertThrows(IllegalArgumentException.class, file::folder).getMessage();
    assertTrue(message.contains("sd3_medium.safetensors"), message);
    assertTrue(message.contains("one file is not read"), message);
  }

  @Test
  void shouldReadABomInFrontOfJson() {
    PipelineCopy model = copy();
    String text =
        "{\"_class_name\": \"FlowMatchEulerDiscreteScheduler\", \"shift\": 2.5,"
            + " \"num_train_timesteps\": 1000}";
    model.write("scheduler/scheduler_config.json", "\ufeff" + text);
    assertEquals(2.5, model.folder().scheduleShift());
  }

  @Test
  void shouldReadSpecialTokensOfOlderFolders() {
    PipelineCopy model = copy().without("tokenizer_2/tokenizer.json");
    String config = "tokenizer_2/tokenizer_config.json";
    String map = "tokenizer_2/special_tokens_map.json";
    long[] expected = ClipTokenizer.load(model.folder().part("tokenizer_2")).encode("a fox", 12);
    model.set(config, "added_tokens_decoder", "").set(config, "pad_token", "");
    model.set(map, "pad_token", "\"!\"");
    assertArrayEquals(
        expected, ClipTokenizer.load(model.folder().part("tokenizer_2")).encode("a fox", 12));
    refused(
        model.set(config, "pad_token", "\"<|endoftext|>\""),
        "\"pad_token\" is \"<|endoftext|>\", but \"!\" in special_tokens_map.json");
    refused(model.write("tokenizer_2/added_tokens.json", "{}"), "added_tokens.json");
  }

  /** Marks of T5's spare tokens that the native library follows by itself. */
  @Test
  void shouldTakeTheTokensOfT5WithTheirFlags() {
    PipelineCopy model = copy();
    Path file = model.root().resolve("tokenizer_3/tokenizer.json");
    try {
      String text = Files.readString(file);
      int spare = text.indexOf("<extra_id_5>");
      int flag = text.indexOf("\"lstrip\": false", spare);
      assertTrue(spare > 0 && flag > 0);
      model.write(
          "tokenizer_3/tokenizer.json",
          text.substring(0, flag) + "\"lstrip\": true" + text.substring(flag + 15));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertDoesNotThrow(() -> model.folder().check());
  }

  @Test
  void shouldRefuseATokenizerThatIsNotClips() {
    String file = "tokenizer/tokenizer.json";
    refused(copy().set(file, "normalizer", "null"), file, "\"normalizer\": null is not");
    PipelineCopy model = PipelineCopy.of("sd3-tiny", temporary.resolve("nfkc"));
    model.set(file, "normalizer", "{\"type\": \"NFKC\"}");
    refused(model, file, "NFKC");
  }
}
