package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.safetensors.SafetensorsWriter;
import io.atelier.tests.golden.GoldenClip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What people get wrong, and what they are told: one line that names the thing, its value and what
 * to do, exit code 2 for what a person has to change and 1 for everything else, and nothing left
 * behind.
 */
class BadInputTest {

  @TempDir Path folder;

  /** Makes the bad input in a folder and returns the command. */
  @FunctionalInterface
  interface Setting {
    List<String> prepare(Path folder) throws IOException;
  }

  private static Arguments row(String name, int code, Setting setting, String... said) {
    return Arguments.of(name, code, setting, List.of(said));
  }

  /** A training run on the tiny model with these settings. */
  private static Setting train(Function<Path, List<String>> more) {
    return folder -> {
      List<String> command = new ArrayList<>(List.of("train", "run.dir=" + folder.resolve("run")));
      command.add("model.path=" + TinyPipeline.path());
      command.addAll(TinyPipeline.SHORT);
      command.addAll(more.apply(folder));
      return command;
    };
  }

  private static Setting train(String... more) {
    return train(folder -> Arrays.asList(more));
  }

  private static Path pipe(Path file) throws IOException {
    new ProcessBuilder("mkfifo", file.toString()).start().onExit().join();
    return file;
  }

  private static Setting command(String... arguments) {
    return folder -> List.of(arguments);
  }

  private static Setting sample(Path model, Path folder, String... more) {
    return unused -> {
      List<String> command = new ArrayList<>(List.of("sample", "--threads", "1"));
      command.addAll(List.of("--model", model.toString()));
      command.addAll(List.of("--out", folder.resolve("out.png").toString()));
      command.addAll(List.of(more));
      return command;
    };
  }

  private static List<String> sampled(Path folder, Path model, String... more) throws IOException {
    return sample(model, folder, more).prepare(folder);
  }

  private static String nan() {
    return "transformer_blocks.0.attn.to_q.weight";
  }

  static Stream<Arguments> wrongSettings() {
    return Stream.of(
        row(
            "unknown key",
            2,
            train("rollout.step=3"),
            "rollout.step ",
            "did you mean rollout.steps"),
        row(
            "output that the encoder does not give",
            2,
            train("reward.adversarial.maps=[foo]"),
            "reward.adversarial: maps has \"foo\"",
            "it gives low, mid"),
        row(
            "the same output twice",
            2,
            train("reward.adversarial.statistics=[low, low]"),
            "statistics is low, low, which has one twice"),
        row(
            "depth that nothing reads",
            2,
            train("schedule.depth=3"),
            "schedule.depth = 3",
            "free-running"),
        row(
            "no room for a run",
            2,
            train(folder -> List.of("run.dir=/dev/null/run")),
            "run.dir /dev/null/run cannot be created: /dev/null is not"),
        row("a limit of no length", 2, train("limits.load=-5s"), "limits.load -5s is not positive"),
        row(
            "setting that eval does not read",
            2,
            command("eval", "run.steps=3"),
            "run.steps=3 changes nothing",
            "data.*"),
        row(
            "a GPU where there is none",
            2,
            train("placement.device=cuda"),
            "there is to be a GPU (device cuda), but"),
        row(
            "an adapter merged into rounded weights",
            2,
            train("placement.compute=bfloat16", "rollout.merge-adapter=true"),
            "merge-adapter is on, which needs placement.compute = float32, got bfloat16"),
        row(
            "a rollout that computes as its learner does not",
            2,
            train("placement.rollout.compute=bfloat16", "rollout.merge-adapter=false"),
            "placement.learner.compute is float32, must be that of rollout, which is bfloat16"),
        row(
            "rewards on another device of one process",
            2,
            train("placement.device=cpu", "placement.reward.device=auto"),
            "placement.reward.device is auto and that of the other roles cpu"),
        row(
            "a type that nothing computes in",
            2,
            train("placement.compute=int8"),
            "placement.compute = \"int8\" must be one of float32, bfloat16"),
        row(
            "the same for a command without configuration",
            2,
            command("eval", "--device", "cuda", "--threads", "1"),
            "there is to be a GPU (device cuda), but"),
        row(
            "setting that the measurement of a base does not read",
            2,
            command("eval", "--base", "data.prompts=emoji64"),
            "data.prompts=emoji64 changes nothing that --base measures",
            "evaluation.steps"),
        row("samples without base", 2, command("eval", "--samples", "9"), "--samples is of --base"),
        row(
            "option of another benchmark",
            2,
            command("bench", "sampling", "--megabytes", "5"),
            "--megabytes has no effect on bench sampling"),
        row(
            "option of another benchmark, again",
            2,
            command("bench", "broadcast", "--group=5"),
            "--group has no effect on bench broadcast"),
        row(
            "type of storage where no model is loaded",
            2,
            command("bench", "broadcast", "--storage", "bfloat16"),
            "--storage has no effect on bench broadcast"),
        row(
            "no group to measure",
            2,
            command("bench", "sampling", "--group", "0"),
            "--group 0 must be 1 to 65536"),
        row(
            "no step to measure",
            2,
            command("bench", "training", "--steps", "1"),
            "--steps 1 must be 2 to 4096"),
        row(
            "more trained steps than there are",
            2,
            command("bench", "training", "--steps", "9", "--trained", "9"),
            "--trained 9 must be 1 to 8"),
        row(
            "guidance below none",
            2,
            command("bench", "sampling", "--guidance", "0.5"),
            "--guidance 0.5 must be at least 1"),
        row(
            "no rank to measure",
            2,
            command("bench", "training", "--rank", "0"),
            "--rank 0 must be at least 1"),
        row(
            "no measurement",
            2,
            command("bench", "sampling", "--repeats", "0"),
            "--repeats 0 must be at least 1"),
        row(
            "nobody to send to",
            2,
            command("bench", "broadcast", "--receivers", "1,0"),
            "--receivers 0 must be 1 to 256"),
        row(
            "time that runs backwards",
            2,
            command("bench", "broadcast", "--warm-up", "-1"),
            "--warm-up -1 must be at least 0"),
        row(
            "images that the model cannot draw, measured",
            2,
            command(
                "bench", "sampling", "--model", TinyPipeline.path().toString(), "--pixels", "63"),
            "--pixels 63: images of 63 x 63 pixels",
            "must be multiples of"),
        row("wrong type", 2, train("run.seed=lucky"), "run.seed", "\"lucky\"", "whole number"),
        row("no steps", 2, train("run.steps=0"), "run.steps is 0", "at least 1"),
        row("no denoising steps", 2, train("rollout.steps=0"), "rollout.steps", "got 0"),
        row(
            "batch that does not divide",
            2,
            train("learner.groups-per-step=3", "learner.updates-per-step=2"),
            "groups-per-step 3 does not divide into 2"),
        row(
            "chunk that does not divide",
            2,
            train("rollout.group-size=4", "rollout.chunk=3"),
            "rollout.chunk 3 does not divide groups of 4"),
        row(
            "groups that have nothing to compare",
            2,
            train("rollout.group-size=1"),
            "groups of 1 sample",
            "grpo cannot learn",
            "rollout.group-size to at least 2"),
        row(
            "the same for the best of each group",
            2,
            train("rollout.group-size=1", "learner.advantage.weighting=sft"),
            "sft cannot learn",
            "rwr"),
        row(
            "the same for the best and the worst",
            2,
            train("rollout.group-size=1", "learner.advantage.weighting=dpo"),
            "dpo cannot learn",
            "rwr"),
        row(
            "image size that the model cannot draw",
            2,
            train("rollout.height=60"),
            "60 x 64",
            "multiples of"),
        row(
            "bad preset",
            2,
            command("train", "--preset", "devv"),
            "no preset \"devv\"",
            "did you mean dev"),
        row(
            "missing configuration file",
            2,
            command("train", "--config", "/nowhere/my.conf"),
            "/nowhere/my.conf does not exist",
            "--config"),
        row(
            "unknown prompt file",
            2,
            train("data.prompts=/nowhere/prompts.txt"),
            "data.prompts",
            "/nowhere/prompts.txt does not exist",
            "one caption on each line"),
        row(
            "unknown style",
            2,
            train("data.references=4d"),
            "data.references",
            "\"4d\"",
            "flat, 3d, noto",
            "folder of images"),
        row(
            "references of another size than the rollout",
            2,
            train("rollout.height=32", "rollout.width=32"),
            "data.references",
            "3d are 64 x 64 pixels",
            "32 x 32",
            "name a folder of images"),
        row(
            "evaluation against references of another size",
            2,
            train(
                "data.references=flat",
                "rollout.width=32",
                "reward.adversarial.weight=0",
                "reward.jpeg.weight=1",
                "evaluation.every=1"),
            "flat are 64 x 64 pixels",
            "64 x 32"),
        row(
            "measuring against references of another size",
            2,
            command(
                "eval",
                "--model",
                TinyPipeline.path().toString(),
                "data.references=noto",
                "rollout.height=32",
                "rollout.width=64"),
            "noto are 64 x 64 pixels",
            "32 x 64"),
        row(
            "references that are nowhere",
            2,
            train("data.references=/nowhere/images"),
            "data.references",
            "/nowhere/images does not exist",
            "folder of images"),
        row(
            "references that are a file",
            2,
            train(
                folder -> {
                  Path file = write(folder.resolve("a.png"), "x");
                  return List.of("data.references=" + file);
                }),
            "a.png is a file",
            "folder that holds the images"),
        row("seed of 100 bits", 2, train("run.seed=1e30"), "run.seed", "18446744073709551615"),
        row(
            "home of nobody",
            2,
            train("model.path=~nobody-here/model"),
            "model.path",
            "another user's home"),
        row(
            "missing model",
            2,
            train("model.path=/nowhere/model"),
            "/nowhere/model does not exist",
            "pipeline folder"),
        row(
            "adapter on maps that are not there",
            2,
            train("model.adapter.targets=[attn.to_nothing]"),
            "attn.to_nothing"),
        row(
            "caption that is too long",
            2,
            train(
                folder -> {
                  Path file =
                      write(folder.resolve("prompts.txt"), "fine\n" + "word ".repeat(300) + "\n");
                  return List.of("data.prompts=" + file, "data.too-long=fail");
                }),
            "caption 2 is too long",
            "the model reads 128",
            "shorten"),
        row(
            "unreadable image",
            2,
            train(
                folder -> {
                  Path images = folder.resolve("images");
                  write(images.resolve("a.png"), "not a picture");
                  write(images.resolve("b.png"), "neither");
                  return List.of("data.references=" + images);
                }),
            "a.png cannot be read",
            "replace or remove it"),
        row(
            "folder without images",
            2,
            train(
                folder -> {
                  write(folder.resolve("images/notes.txt"), "");
                  return List.of("data.references=" + folder.resolve("images"));
                }),
            "has 0 images",
            "at least 2"));
  }

  static Stream<Arguments> wrongFolders() {
    return Stream.of(
        row(
            "run folder that is in use by something else",
            2,
            train(
                folder -> {
                  write(folder.resolve("run/notes.txt"), "mine");
                  return List.of();
                }),
            "is not empty",
            "run.dir="),
        row(
            "resume of what does not exist",
            2,
            command("train", "--resume", "/nowhere/run"),
            "/nowhere/run does not exist"),
        row(
            "resume of a folder that is no run",
            2,
            folder -> List.of("train", "--resume", folder.toString()),
            "is not a run folder"),
        row(
            "verify of a folder that is no run",
            2,
            folder -> List.of("verify", folder.toString()),
            "is not a run folder"),
        row(
            "export of a folder without a checkpoint",
            2,
            folder -> List.of("export-lora", folder.toString(), "--out", folder + "/lora"),
            "neither a checkpoint nor a run folder"),
        row(
            "average of no run",
            2,
            folder -> sampled(folder, TinyPipeline.path(), "--prompt", "a fox", "--average"),
            "--average needs a checkpoint or a run folder"),
        row(
            "folder that is no model",
            2,
            folder -> sampled(folder, folder, "--prompt", "a fox"),
            "has no model_index.json"),
        row(
            "text of T5 that is too long",
            2,
            folder ->
                sampled(folder, TinyPipeline.path(), "--prompt", "a fox", "--t5-length", "100000"),
            "--t5-length 100000",
            "1 to 512"),
        row(
            "seed of a sample below 0",
            2,
            folder -> sampled(folder, TinyPipeline.path(), "--prompt", "a fox", "--seed", "-1"),
            "--seed",
            "18446744073709551615"),
        row(
            "steps of a sample without end",
            2,
            folder -> sampled(folder, TinyPipeline.path(), "--prompt", "a fox", "--steps", "99999"),
            "at most",
            "4096"),
        row(
            "image of a sample that is too large",
            2,
            folder ->
                sampled(folder, TinyPipeline.path(), "--prompt", "a fox", "--height", "1000000"),
            "1000000 x 1000000",
            "at most"),
        row(
            "threads below 0",
            2,
            command("eval", "--threads", "-4"),
            "--threads -4 must be 1 to 1024"),
        row(
            "host with an underscore",
            2,
            command("status", "--admin", "my_host:1"),
            "--admin my_host:1",
            "letters, digits, dots and hyphens"),
        row("port of no host", 2, command("status", "--admin", "host:99999"), "1 to 65535"),
        row(
            "model in one file",
            2,
            folder ->
                sampled(folder, write(folder.resolve("m.safetensors"), "x"), "--prompt", "a fox"),
            "m.safetensors is a file",
            "pipeline folder"),
        row("unknown command", 2, command("trian"), "trian"),
        row("unknown option", 2, command("verify", "--fast", "x"), "--fast"),
        row(
            "type of storage that pretraining does not read",
            2,
            command("pretrain", "--out", "o", "--storage", "bfloat16"),
            "--storage has no effect on pretrain"),
        row(
            "an autoencoder to train that stays",
            2,
            command("pretrain", "--out", "o", "--from", "model", "--decoder-steps", "9"),
            "--decoder-steps",
            "--from",
            "leave them out"),
        row(
            "missing option",
            2,
            command("sample", "--model", TinyPipeline.path().toString()),
            "--prompt"));
  }

  static Stream<Arguments> wrongWeights() {
    return Stream.of(
        row(
            "no denoising steps of a sample",
            2,
            folder -> sampled(folder, TinyPipeline.path(), "--prompt", "a fox", "--steps", "0"),
            "steps >= 1"),
        row(
            "prompt that is too long",
            2,
            folder -> sampled(folder, TinyPipeline.path(), "--prompt", "word ".repeat(300)),
            "is too long",
            "256"),
        row(
            "missing tensor",
            2,
            folder ->
                sampled(
                    folder,
                    TinyPipeline.changed(folder.resolve("model"), all -> all.remove(nan())),
                    "--prompt",
                    "a fox"),
            "diffusion_pytorch_model.safetensors",
            "\"" + nan() + "\" is missing"),
        row(
            "wrong shape",
            2,
            folder ->
                sampled(
                    folder,
                    TinyPipeline.changed(
                        folder.resolve("model"),
                        all ->
                            all.put(
                                nan(), new TinyPipeline.Values(new long[] {2, 3}, new float[6]))),
                    "--prompt",
                    "a fox"),
            "\"" + nan() + "\" has shape [2, 3]",
            "asks for"),
        row(
            "NaN in weights",
            2,
            folder ->
                sampled(
                    folder,
                    TinyPipeline.changed(
                        folder.resolve("model"), all -> all.get(nan()).values()[5] = Float.NaN),
                    "--prompt",
                    "a fox"),
            "\"" + nan() + "\" is NaN at element 5",
            "another copy"),
        row(
            "file that is cut off",
            2,
            folder -> {
              Path model = TinyPipeline.changed(folder.resolve("model"), all -> {});
              Path file = TinyPipeline.weights(model);
              byte[] whole = Files.readAllBytes(file);
              Files.write(file, Arrays.copyOf(whole, whole.length - 100));
              return sampled(folder, model, "--prompt", "a fox");
            },
            "diffusion_pytorch_model.safetensors"),
        row(
            "adapter that is a pipe",
            2,
            folder ->
                sampled(
                    folder,
                    TinyPipeline.path(),
                    "--prompt",
                    "a fox",
                    "--lora",
                    pipe(folder.resolve("p.safetensors")).toString()),
            "p.safetensors is a pipe or device"),
        row(
            "reference that is a pipe",
            2,
            folder -> {
              Path references = Files.createDirectory(folder.resolve("refs"));
              pipe(references.resolve("p.png"));
              return train("data.references=" + references).prepare(folder);
            },
            "p.png is a pipe or device"),
        row(
            "adapter that is no adapter",
            2,
            folder -> {
              Path file = folder.resolve("lora.safetensors");
              new SafetensorsWriter().add("x", new long[] {1}, new float[1]).write(file);
              return sampled(
                  folder, TinyPipeline.path(), "--prompt", "a fox", "--lora", file.toString());
            },
            "lora.safetensors",
            "\"x\""),
        row(
            "place that cannot be written",
            1,
            folder ->
                List.of(
                    "sample",
                    "--threads",
                    "1",
                    "--model",
                    TinyPipeline.path().toString(),
                    "--prompt",
                    "a fox",
                    "--steps",
                    "2",
                    "--out",
                    folder.resolve("nowhere/out.png").toString()),
            "nowhere/out.png could not be written"),
        row(
            "run on a model with a missing tensor",
            2,
            folder -> {
              List<String> command = new ArrayList<>(train().prepare(folder));
              Path model = TinyPipeline.changed(folder.resolve("model"), all -> all.remove(nan()));
              command.add("model.path=" + model);
              command.add("reward.adversarial.weight=0");
              command.add("reward.jpeg.weight=1");
              return command;
            },
            "\"" + nan() + "\" is missing"));
  }

  /** A training run whose critic sees by a DINOv2 that was changed, with these settings as well. */
  private static Setting dino(Consumer<Map<String, TinyPipeline.Values>> change, String... more) {
    return folder -> {
      List<String> command = new ArrayList<>(train().prepare(folder));
      command.addAll(TinyEncoder.SETTINGS);
      Path encoder = TinyEncoder.write(folder.resolve("dino"), "plain", change);
      command.add("reward.adversarial.encoder=" + encoder);
      command.addAll(List.of(more));
      return command;
    };
  }

  /** A training run that a CLIP scores, after {@code change} to its folder, with these settings. */
  private static Setting clip(Consumer<Path> change, String... more) {
    return folder -> {
      List<String> command = new ArrayList<>(train().prepare(folder));
      Path clip = GoldenClip.write(folder.resolve("clip"), "transformers");
      change.accept(clip);
      command.add("reward.adversarial.weight=0");
      command.add("reward.pickscore.weight=1");
      command.add("reward.pickscore.model=" + clip);
      command.addAll(List.of(more));
      return command;
    };
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static Stream<Arguments> wrongRewards() {
    return Stream.of(
        row(
            "reward without its model",
            2,
            train("reward.pickscore.weight=1"),
            "reward.pickscore.model is empty, must name the folder of a CLIP"),
        row(
            "no reward at all",
            2,
            train("reward.adversarial.weight=0"),
            "reward.adversarial.weight and jpeg.weight are 0, as is every other weight"),
        row(
            "text to draw that no caption of the embedded model names",
            2,
            train("reward.ocr.weight=1"),
            "reward.ocr: ",
            "prompts of data.prompts emoji64 name no text to draw, such as \""),
        row(
            "CLIP without a configuration",
            2,
            clip(folder -> delete(folder.resolve("config.json"))),
            "reward.pickscore: ",
            "config.json does not exist"),
        row(
            "CLIP without a tokenizer",
            2,
            clip(folder -> delete(folder.resolve("tokenizer/tokenizer_config.json"))),
            "reward.pickscore: ",
            "tokenizer_config.json does not exist"),
        row(
            "CLIP whose weights are another's",
            2,
            clip(
                folder ->
                    write(
                        folder.resolve("config.json"),
                        """
                        {"model_type": "clip", "projection_dim": 21,
                         "text_config": {"hidden_act": "gelu", "hidden_size": 24,
                           "intermediate_size": 48, "num_attention_heads": 3,
                           "num_hidden_layers": 3},
                         "vision_config": {"hidden_act": "gelu", "hidden_size": 32,
                           "intermediate_size": 64, "num_attention_heads": 4,
                           "num_hidden_layers": 4, "image_size": 56, "patch_size": 14}}
                        """)),
            "tensor \"visual_projection.weight\" has shape [20, 32], the configuration asks for"
                + " [21, 32]"),
        row(
            "aesthetic head that is no such thing",
            2,
            clip(
                folder -> {},
                "reward.aesthetic.weight=1",
                "reward.aesthetic.model=" + TinyPipeline.path(),
                "reward.aesthetic.head=" + TinyPipeline.weights(TinyPipeline.path())),
            "reward.aesthetic: "),
        row(
            "one CLIP for the reward and its measure",
            2,
            folder -> {
              List<String> command = new ArrayList<>(clip(clip -> {}).prepare(folder));
              command.add("evaluation.encoder=" + folder.resolve("clip"));
              command.addAll(List.of("evaluation.encoder-pixels=56", "evaluation.every=1"));
              return command;
            },
            "reward.pickscore: model",
            "is the same network as evaluation.encoder"));
  }

  /** A training run whose reward is the last layers of this network. */
  private static Setting learning(String clip, String... more) {
    return train(
        Stream.concat(
                Stream.of(
                    "reward.adversarial.kind=pickscore", "reward.adversarial.encoder=" + clip),
                Stream.of(more))
            .toArray(String[]::new));
  }

  /** Further settings, for which files are written. */
  private interface Extra {
    List<String> of(Path folder) throws IOException;
  }

  /** The same with a whole CLIP. */
  private static Setting learning(Extra more) {
    return folder -> {
      Path clip = GoldenClip.write(folder.resolve("clip"), "transformers");
      List<String> command = new ArrayList<>(learning(clip.toString()).prepare(folder));
      command.addAll(more.of(folder));
      return command;
    };
  }

  static Stream<Arguments> wrongPickScores() {
    return Stream.of(
        row(
            "PickScore to train that is not named",
            2,
            train("reward.adversarial.kind=pickscore"),
            "reward.adversarial.encoder is efficientnet-lite0, must name the folder of a CLIP"),
        row(
            "PickScore to train that is not there",
            2,
            learning("nowhere"),
            "reward.adversarial: nowhere is not a folder; name one with the weights"),
        row(
            "PickScore to train that is a DINOv2",
            2,
            folder ->
                learning(TinyEncoder.write(folder.resolve("dino"), "plain").toString())
                    .prepare(folder),
            "reward.adversarial: ",
            "holds no CLIP with a text side"),
        row(
            "no layer to train",
            2,
            learning(folder -> List.of("reward.adversarial.trained-layers=0")),
            "reward.adversarial.trained-layers is 0, must be at least 1"),
        row(
            "more layers to train than there are",
            2,
            learning(folder -> List.of("reward.adversarial.trained-layers=5")),
            "reward.adversarial: trained-layers is 5, must be 1 to 4"),
        row(
            "images of no prompt to train PickScore",
            2,
            learning(
                folder ->
                    List.of(
                        "data.references=" + OwnData.write(folder, EmojiStyle.FLAT).references())),
            "compares an image with references of its own prompt",
            "name a .json file with the images of each prompt"),
        row(
            "kind of reward that there is not",
            2,
            train("reward.adversarial.kind=critic"),
            "reward.adversarial.kind = \"critic\" must be one of discriminator, pickscore"),
        row(
            "one CLIP that learns and measures",
            2,
            learning(
                folder ->
                    List.of(
                        "evaluation.encoder=" + folder.resolve("clip"),
                        "evaluation.encoder-pixels=56",
                        "evaluation.every=1")),
            "reward.adversarial: encoder ",
            "is the same network as evaluation.encoder"));
  }

  static Stream<Arguments> wrongEncoders() {
    String norm = "encoder.layer.1.norm2.weight";
    return Stream.of(
        row(
            "encoder that is not there",
            2,
            train("reward.adversarial.encoder=nowhere"),
            "reward.adversarial: encoder nowhere does not exist; name efficientnet-lite0"),
        row(
            "size that is no multiple of the patch",
            2,
            dino(all -> {}, "reward.adversarial.encoder-pixels=64"),
            "encoder-pixels 64 must be a multiple of 14, the patch of",
            "it was made for 56"),
        row(
            "an encoder's views of two widths behind one projection",
            2,
            dino(all -> {}, "reward.adversarial.statistics=[patches]"),
            "reward.adversarial: shared-projection is true",
            "widths [48, 144]"),
        row(
            "views of two widths of an embedded encoder behind one projection",
            2,
            train("reward.adversarial.shared-projection=true"),
            "reward.adversarial: shared-projection is true"),
        row(
            "an encoder at a size that takes all memory",
            2,
            dino(all -> {}, "reward.adversarial.encoder-pixels=51800"),
            "reward.adversarial.encoder-pixels is 51800, must be 1 to 4096"),
        row(
            "size that an embedded encoder cannot halve",
            2,
            train("reward.adversarial.encoder-pixels=100"),
            "encoder-pixels 100 must be a multiple of 32"),
        row(
            "encoder without a tensor",
            2,
            dino(all -> all.remove(norm)),
            "\"" + norm + "\" is missing"),
        row(
            "encoder with a tensor of another shape",
            2,
            dino(all -> all.put(norm, new TinyPipeline.Values(new long[] {5}, new float[5]))),
            "\"" + norm + "\" has shape [5], the configuration asks for [48]"),
        row(
            "encoder with a tensor too many",
            2,
            dino(all -> all.put("head.weight", all.get(norm))),
            "has no place for, such as \"head.weight\""),
        row(
            "encoder with a value that is not finite",
            2,
            dino(all -> all.get(norm).values()[3] = Float.NaN),
            "\"" + norm + "\" is NaN at element 3"),
        row(
            "safetensors file of something else",
            2,
            train(
                folder ->
                    List.of(
                        "reward.adversarial.encoder=" + TinyPipeline.weights(TinyPipeline.path()))),
            "is no Vision Transformer that is known here (DINOv2, DINOv3, CLIP or SigLIP"),
        row(
            "DINOv3 under the names of Meta's program",
            2,
            train(
                folder -> {
                  Path file = folder.resolve("dinov3_vits16.safetensors");
                  new SafetensorsWriter()
                      .add("cls_token", new long[] {1, 1, 64}, new float[64])
                      .add("patch_embed.proj.weight", new long[] {64, 3, 1, 1}, new float[192])
                      .add("rope_embed.periods", new long[] {16}, new float[16])
                      .write(file);
                  return List.of("reward.adversarial.encoder=" + file);
                }),
            "dinov3_vits16.safetensors is a DINOv3 under the names of Meta's own program",
            "as transformers has it (facebook/dinov3-vits16-pretrain-lvd1689m",
            "timm/vit_small_patch16_dinov3.lvd1689m"),
        row(
            "outputs of another encoder",
            2,
            dino(all -> {}, "reward.adversarial.vectors=[pool]"),
            "vectors has \"pool\", which the encoder does not give; it gives cls"),
        row(
            "one network for the reward and its measure",
            2,
            folder -> {
              List<String> command = new ArrayList<>(dino(all -> {}).prepare(folder));
              Path other = TinyEncoder.write(folder.resolve("copy"), "plain");
              command.add("evaluation.encoder=" + other);
              command.addAll(List.of("evaluation.encoder-pixels=56", "evaluation.every=1"));
              return command;
            },
            "evaluation.encoder is",
            "the same network as reward.adversarial.encoder"),
        row(
            "ONNX file that is none",
            2,
            train(
                folder ->
                    List.of(
                        "reward.adversarial.encoder=" + write(folder.resolve("a.onnx"), "no"),
                        "reward.adversarial.encoder-colours=imagenet")),
            "encoder a cannot be opened as an ONNX network"),
        row(
            "ONNX file of unknown colours",
            2,
            train(
                folder ->
                    List.of("reward.adversarial.encoder=" + write(folder.resolve("a.onnx"), "no"))),
            "encoder-colours is own, but",
            "set it to imagenet, clip or signed"),
        row(
            "colours that an encoder has itself",
            2,
            train("reward.adversarial.encoder-colours=clip"),
            "encoder-colours is clip, but efficientnet-lite0 has its own"));
  }

  private static Path write(Path file, String text) {
    try {
      Files.createDirectories(file.getParent());
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({
    "wrongSettings",
    "wrongFolders",
    "wrongWeights",
    "wrongEncoders",
    "wrongRewards",
    "wrongPickScores"
  })
  @Timeout(120)
  void shouldSayInOneLineWhatIsWrongAndWhatToDo(
      String name, int code, Setting setting, List<String> said) throws IOException {
    List<String> command = setting.prepare(folder);
    Cli result = Cli.run(command);
    String text = String.join("\n", result.err());
    assertFalse(result.err().isEmpty(), "nothing was said");
    String first = result.err().get(0);
    assertTrue(first.startsWith("atelier: "), text);
    for (String part : said) {
      assertTrue(first.contains(part), "no \"%s\" in: %s".formatted(part, text));
    }
    assertEquals(code, result.code(), text);
    assertFalse(text.contains("Exception") || text.contains("\tat "), text);
    assertFalse(text.contains("should not have happened"), text);
    assertTrue(result.err().size() <= 2, text);
    assertFalse(Files.exists(folder.resolve("out.png")), "an image was left behind");
    if (code == 2) {
      assertFalse(Files.exists(folder.resolve("run/config.conf")), "a run was left behind");
    }
  }
}
