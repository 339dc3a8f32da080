package io.atelier.tests.faults;

import static io.atelier.tests.faults.Fault.accepted;
import static io.atelier.tests.faults.Fault.refused;
import static io.atelier.tests.faults.Fault.refusedForGood;
import static io.atelier.tests.faults.Inputs.gone;
import static io.atelier.tests.faults.Inputs.json;
import static io.atelier.tests.faults.Inputs.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atelier.tests.golden.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Model folders and adapters: F08, F09, F11, F24, F27. */
final class ModelFaults {

  private static final String SCHEDULER = "scheduler/scheduler_config.json";
  private static final String NETWORK = "transformer/config.json";
  private static final String WEIGHTS = "transformer/diffusion_pytorch_model.safetensors";
  private static final String LFS =
      "version https://git-lfs.github.com/spec/v1\noid sha256:" + "ab".repeat(32) + "\nsize 1234\n";
  private static final String PAGE =
      "<!DOCTYPE html><html><head><title>401</title></head><body>restricted</body></html>\n";

  private ModelFaults() {}

  static Stream<Fault> rows() {
    return Stream.of(
            List.of(
                broken("F08", "named part is not there", gone("text_encoder_3"), "text_encoder_3"),
                broken("F08", "tokenizer is not there", gone("tokenizer"), "tokenizer"),
                broken(
                    "F27",
                    "part is an empty folder",
                    folder -> {
                      Inputs.delete(folder.resolve("text_encoder_3"));
                      Files.createDirectory(folder.resolve("text_encoder_3"));
                    },
                    "text_encoder_3"),
                new Fault("F08", "part that is said to be unused", ModelFaults::unused)),
            keys(),
            files(),
            adapters())
        .flatMap(List::stream);
  }

  private static List<Fault> keys() {
    return List.of(
        key("F09", SCHEDULER, "use_karras_sigmas", n -> n.put("use_karras_sigmas", true)),
        key("F09", SCHEDULER, "use_beta_sigmas", n -> n.put("use_beta_sigmas", true)),
        key("F09", SCHEDULER, "use_exponential_sigmas", n -> n.put("use_exponential_sigmas", true)),
        key("F09", SCHEDULER, "use_dynamic_shifting", n -> n.put("use_dynamic_shifting", true)),
        key("F09", SCHEDULER, "UniPC", n -> n.put("_class_name", "UniPCMultistepScheduler")),
        key("F09", SCHEDULER, "invert_sigmas", n -> n.put("invert_sigmas", true)),
        key("F09", SCHEDULER, "no_such_key", n -> n.put("no_such_key", 3)),
        broken(
            "F09",
            "quant_conv without its weights",
            json("vae/config.json", n -> n.put("use_quant_conv", true)),
            "quant_conv.weight"),
        key("F09", "vae/config.json", "latents_mean", n -> n.putArray("latents_mean").add(5.0)),
        key("F09", NETWORK, "qk_norm", n -> n.put("qk_norm", "rms_norm_across_heads")),
        key("F09", NETWORK, "no_such_key", n -> n.put("no_such_key", true)),
        key("F09", "text_encoder/config.json", "hidden_act", n -> n.put("hidden_act", "tanh")),
        key(
            "F09",
            "text_encoder_3/config.json",
            "feed_forward_proj",
            n -> n.put("feed_forward_proj", "relu")),
        key(
            "F09",
            "model_index.json",
            "StableDiffusionXLPipeline",
            n -> n.put("_class_name", "StableDiffusionXLPipeline")),
        key("F24", SCHEDULER, "shift", n -> n.remove("shift")),
        key("F24", SCHEDULER, "shift", n -> n.put("shift", "three")));
  }

  private static List<Fault> files() {
    return List.of(
        broken("F24", "half a JSON file", text(NETWORK, "{\"num_layers\": 3,"), NETWORK),
        broken("F24", "empty JSON file", text(SCHEDULER, ""), SCHEDULER),
        broken("F24", "Git LFS pointer", text(WEIGHTS, LFS), "Git LFS"),
        broken("F24", "Git LFS pointer for JSON", text(NETWORK, LFS), NETWORK, "Git LFS"),
        broken("F24", "HTML page", text(WEIGHTS, PAGE.repeat(3)), "web page"),
        broken("F24", "empty weights", text(WEIGHTS, ""), WEIGHTS),
        broken(
            "F24",
            "pickles",
            folder -> {
              Files.delete(folder.resolve(WEIGHTS));
              Files.write(
                  folder.resolve("transformer/diffusion_pytorch_model.bin"),
                  new byte[] {'P', 'K', 3, 4, 0, 0});
            },
            "safetensors",
            ".bin"),
        broken(
            "F27",
            "NaN weights",
            folder -> zap(folder.resolve(WEIGHTS), "proj_out.weight"),
            "proj_out.weight",
            "NaN"));
  }

  private static List<Fault> adapters() {
    return List.of(
        adapter("PiSSA", n -> n.put("init_lora_weights", "pissa"), "pissa"),
        adapter("PiSSA in four rounds", n -> n.put("init_lora_weights", "pissa_niter_4"), "pissa"),
        adapter("OLoRA", n -> n.put("init_lora_weights", "olora"), "olora"),
        adapter("LoftQ", n -> n.put("init_lora_weights", "loftq"), "loftq"),
        adapter("DoRA", n -> n.put("use_dora", true), "use_dora"),
        new Fault("F11", "plain adapter of another size is refused by size", ModelFaults::plain));
  }

  /** Drawn, planned and trained, it is refused alike, and no run folder is left. */
  private static Fault broken(String id, String input, Inputs.Change change, String... said) {
    return new Fault(
        id,
        input,
        folder -> {
          Path model = Inputs.model(folder, change);
          refused(Inputs.sample(model, folder.resolve("x.png")), said);
          refused(Inputs.plan("model.path=" + model), said);
          Path run = folder.resolve("run");
          refused(Inputs.train(run, "model.path=" + model), said);
          assertFalse(Files.exists(run), "a run folder was left");
        });
  }

  private static Fault key(String id, String file, String said, Consumer<ObjectNode> change) {
    String input = file + ": " + said;
    return broken(id, input, json(file, change), file, said);
  }

  private static Fault adapter(String name, Consumer<ObjectNode> change, String said) {
    return new Fault(
        "F11",
        name,
        folder -> {
          Path adapter = folder.resolve("peft");
          Inputs.copy(Inputs.file("peft/ok"), adapter);
          json("adapter_config.json", change).of(adapter);
          List<String> command = Inputs.sample(Path.of("emoji64"), folder.resolve("x.png"));
          command.addAll(List.of("--lora", adapter.toString()));
          refused(command, "adapter_config.json", said);
        });
  }

  private static void plain(Path folder) {
    Path out = folder.resolve("x.png");
    List<String> command = Inputs.sample(Path.of("emoji64"), out);
    command.addAll(List.of("--lora", Inputs.file("peft/ok").toString()));
    accepted(command);
    assertTrue(Files.exists(out));
    command = Inputs.sample(Golden.path("sd3-tiny"), out, "--lora");
    command.add(Inputs.file("peft/ok").toString());
    refused(command);
  }

  private static void unused(Path folder) throws IOException {
    Path model =
        Inputs.model(
            folder,
            json(
                "model_index.json",
                n -> {
                  n.putArray("text_encoder_3").addNull().addNull();
                  n.putArray("tokenizer_3").addNull().addNull();
                }));
    Path with = folder.resolve("with.png");
    accepted(Inputs.sample(model, with));
    Inputs.delete(model.resolve("text_encoder_3"));
    Inputs.delete(model.resolve("tokenizer_3"));
    Path without = folder.resolve("without.png");
    accepted(Inputs.sample(model, without));
    assertArrayEquals(Files.readAllBytes(without), Files.readAllBytes(with), "T5 was used");
    refusedForGood(Inputs.sample(model, without, "--t5-length", "0"), "--t5-length");
  }

  /** Fills a tensor with NaN. */
  private static void zap(Path file, String name) throws IOException {
    var source = io.atelier.models.safetensors.SafetensorsFile.open(file);
    var writer = new io.atelier.models.safetensors.SafetensorsWriter();
    for (String each : source.names()) {
      float[] values = source.floats(each);
      if (each.equals(name)) {
        java.util.Arrays.fill(values, Float.NaN);
      }
      writer.add(each, source.info(each).shape(), values);
    }
    writer.write(file);
  }
}
