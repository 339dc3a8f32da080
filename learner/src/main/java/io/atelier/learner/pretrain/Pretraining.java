package io.atelier.learner.pretrain;

import ai.djl.ndarray.NDManager;
import io.atelier.models.assets.EmojiPack;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.condition.RewardBins;
import io.atelier.models.condition.RewardCondition;
import io.atelier.models.condition.RewardConditionConfig;
import io.atelier.models.condition.RewardConditionFile;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.safetensors.SafetensorsWriter;
import io.atelier.models.safetensors.TensorSource;
import io.atelier.models.sd3.Pixels;
import io.atelier.models.sd3.Vae;
import io.atelier.models.sd3.VaePass;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.TensorFiles;
import io.atelier.models.tensor.SafetensorsWeights;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.WeightSource;
import io.atelier.models.text.ClipTokenizer;
import io.atelier.models.text.ClipVocabulary;
import io.atelier.models.vision.Images;
import io.atelier.rollout.flow.SigmaSchedule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Trains the embedded base on the emoji pack: autoencoder, then velocity network with its text
 * encoders. All files are in one folder, and a second call with the same folder resumes where the
 * first one stopped.
 */
public final class Pretraining {

  /** Receives progress for display. */
  public interface Progress {

    /** Called after every update. */
    void step(String stage, int step, int steps, double loss);

    /** Called from time to time with held-out measurements. */
    void measured(String stage, int step, Map<String, Double> values);

    /** Called from time to time with samples to look at. */
    void grid(String stage, int step, Images images, List<String> captions);
  }

  private static final int SAVE_EVERY = 500;
  private static final double SHIFT = 3;

  /** Bins per reward, as in MIRO. */
  private static final int BINS = 64;

  private static final String[] TOKENIZERS = {"tokenizer", "tokenizer_2"};

  private final PretrainConfig config;
  private final Path folder;
  private final Progress progress;
  private final List<DrawingScores> rewards;
  private final EmojiPack pack = EmojiPack.load();

  /**
   * @param rewards rewards that the network is conditioned on, see {@link RewardCondition}; empty
   *     for a network conditioned on text only
   */
  public Pretraining(
      PretrainConfig config, Path folder, Progress progress, List<DrawingScores> rewards) {
    this.rewards = List.copyOf(rewards);
    this.config = config;
    this.folder = folder;
    this.progress = progress;
  }

  /** Trains the parts that are not finished, and returns the pipeline folder. */
  public Path run() {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + folder, e);
    }
    Path model = folder.resolve("model");
    try (NDManager scope = Torch.newScope()) {
      if (config.from().isPresent()) {
        PipelineWriter.vae(model, config.vaeConfig(), weights(config.from().get(), "vae"));
      } else {
        if (!Files.exists(model.resolve("vae/config.json"))) {
          PipelineWriter.vae(model, config.vaeConfig(), trainVae(scope));
        }
        trainDecoder(scope, model);
      }
      if (!Files.exists(model.resolve("model_index.json"))) {
        trainFlow(scope, model);
      }
    }
    return model;
  }

  private void trainFlow(NDManager scope, Path model) {
    for (String part : TOKENIZERS) {
      ClipVocabulary.build(pack.captions()).write(model.resolve(part), config.textTokens());
    }
    ClipTokenizer tokenizer = ClipTokenizer.load(model.resolve(TOKENIZERS[0]));
    WeightSource weights =
        new SafetensorsWeights(TensorSource.open(model.resolve("vae"), "diffusion_pytorch_model"));
    Vae vae = new Vae(scope, config.vaeConfig(), weights);
    int steps = config.flow().steps();
    try (FlowTrainer trainer =
        new FlowTrainer(scope, config, tokenizer.vocabularySize(), data(vae, tokenizer), start())) {
      Path file = folder.resolve("flow-state.safetensors");
      for (int step = resume(file, trainer::restore); step < steps; step++) {
        double loss = trainer.step(step);
        progress.step("flow", step + 1, steps, loss);
        if ((step + 1) % SAVE_EVERY == 0 || step + 1 == steps) {
          save(file, step + 1, trainer.state());
          show(scope, trainer, vae, tokenizer, step + 1);
        }
      }
      NamedTensors[] parts = trainer.averaged();
      PipelineWriter.transformer(model, config.transformerConfig(), parts[0]);
      PipelineWriter.clip(model, "text_encoder", trainer.textConfigs()[0], parts[1]);
      PipelineWriter.clip(model, "text_encoder_2", trainer.textConfigs()[1], parts[2]);
      trainer
          .averagedCondition()
          .ifPresent(told -> RewardConditionFile.write(model, trainer.rewards().get(), told));
      PipelineWriter.pipeline(model, SHIFT);
    }
  }

  private Optional<NamedTensors[]> start() {
    return config
        .from()
        .map(
            from ->
                new NamedTensors[] {
                  weights(from, "transformer"),
                  weights(from, "text_encoder"),
                  weights(from, "text_encoder_2")
                });
  }

  /** Reads the weights of a part of a pipeline folder. */
  private static NamedTensors weights(Path folder, String part) {
    boolean text = part.startsWith("text");
    return TensorFiles.load(
        folder
            .resolve(part)
            .resolve(text ? "model.safetensors" : "diffusion_pytorch_model.safetensors"));
  }

  private FlowTrainer.Data data(Vae vae, ClipTokenizer tokenizer) {
    List<Integer> concepts = pack.train();
    float[][][] latents = new float[EmojiStyle.values().length][concepts.size()][];
    int side = EmojiPack.PIXELS / config.vaeConfig().factor();
    int[] shape = {config.vaeConfig().latentChannels(), side, side};
    int size = shape[0] * shape[1] * shape[2];
    for (EmojiStyle style : EmojiStyle.values()) {
      float[] all = VaePass.encode(vae, pack.images(style, concepts));
      for (int i = 0; i < concepts.size(); i++) {
        latents[style.ordinal()][i] = Arrays.copyOfRange(all, i * size, (i + 1) * size);
      }
    }
    long[][] ids = new long[concepts.size()][];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = tokenizer.encode(pack.concept(concepts.get(i)).caption(), config.textTokens());
    }
    double[] mixture = new double[latents.length];
    mixture[EmojiStyle.FLAT.ordinal()] = 0.4;
    mixture[EmojiStyle.NOTO.ordinal()] = 0.4;
    mixture[EmojiStyle.THREE_D.ordinal()] = 0.2;
    return new FlowTrainer.Data(
        latents,
        shape,
        ids,
        tokenizer.encode("", config.textTokens()),
        mixture,
        rewards.isEmpty() ? Optional.empty() : Optional.of(rewards()));
  }

  private FlowTrainer.Rewards rewards() {
    List<RewardBins> bins = rewards.stream().map(r -> RewardBins.fit(r.all(), BINS)).toList();
    float[][][] values = new float[EmojiStyle.values().length][pack.train().size()][rewards.size()];
    for (int r = 0; r < bins.size(); r++) {
      for (EmojiStyle style : EmojiStyle.values()) {
        float[] scores = rewards.get(r).scores().get(style);
        for (int i = 0; i < scores.length; i++) {
          values[style.ordinal()][i][r] = bins.get(r).value(scores[i]);
        }
      }
    }
    int width = config.transformerConfig().pooledDim();
    return new FlowTrainer.Rewards(
        new RewardConditionConfig(rewards.stream().map(DrawingScores::name).toList(), bins, width),
        values);
  }

  private void show(
      NDManager scope, FlowTrainer trainer, Vae vae, ClipTokenizer tokenizer, int step) {
    List<String> captions = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      int concept = pack.train().get(i * pack.train().size() / 32);
      captions.add(pack.concept(concept).caption());
    }
    long[][] ids = new long[captions.size()][];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = tokenizer.encode(captions.get(i), config.textTokens());
    }
    Torch.enter(false);
    try (NDManager look = scope.newSubManager()) {
      SigmaSchedule schedule = SigmaSchedule.shifted(10, SHIFT, 1000);
      Images images = Pixels.toImages(vae.decode(trainer.sample(look, ids, schedule, 3)));
      progress.grid("flow", step, images, captions);
    }
  }

  private NamedTensors trainVae(NDManager scope) {
    Images heldOut = heldOut();
    int steps = config.vae().steps();
    try (VaeTrainer trainer =
        new VaeTrainer(
            scope, config.vaeConfig(), config.vae(), config.seed(), styles(pack.train()))) {
      Path file = folder.resolve("vae-state.safetensors");
      for (int step = resume(file, trainer::restore); step < steps; step++) {
        double loss = trainer.step(step);
        progress.step("vae", step + 1, steps, loss);
        if ((step + 1) % SAVE_EVERY == 0 || step + 1 == steps) {
          save(file, step + 1, trainer.state());
          try (NDManager look = scope.newSubManager()) {
            Vae averaged = trainer.averaged(look);
            progress.measured(
                "vae", step + 1, Map.of("psnrHeldOut", VaePass.psnr(averaged, heldOut)));
            Images some = heldOut.slice(0, 24);
            progress.grid("vae", step + 1, VaePass.roundTrip(averaged, some), List.of());
          }
        }
      }
      return trainer.finish();
    }
  }

  private void trainDecoder(NDManager scope, Path model) {
    Path file = folder.resolve("decoder-state.safetensors");
    int steps = config.decoder().steps();
    if (Files.exists(file) && stepOf(file) == steps) {
      return;
    }
    NamedTensors weights = weights(model, "vae");
    Images heldOut = heldOut();
    try (DecoderTrainer trainer =
        new DecoderTrainer(
            scope,
            config.vaeConfig(),
            weights,
            config.decoder(),
            config.seed(),
            styles(pack.train()))) {
      for (int step = resume(file, trainer::restore); step < steps; step++) {
        double loss = trainer.step(step);
        progress.step("decoder", step + 1, steps, loss);
        if ((step + 1) % SAVE_EVERY == 0 || step + 1 == steps) {
          try (NDManager look = scope.newSubManager()) {
            NamedTensors averaged = trainer.averaged();
            Vae vae = new Vae(look, config.vaeConfig(), WeightSource.of("average", averaged));
            progress.measured(
                "decoder", step + 1, Map.of("psnrHeldOut", VaePass.psnr(vae, heldOut)));
            PipelineWriter.vae(model, config.vaeConfig(), averaged);
          }
          save(file, step + 1, trainer.state());
        }
      }
    }
  }

  private Images heldOut() {
    return styles(pack.heldOut().stream().filter(i -> i % 4 == 0).toList());
  }

  /** Returns the drawings of the concepts in all styles. */
  private Images styles(List<Integer> concepts) {
    Images[] parts = new Images[EmojiStyle.values().length];
    for (EmojiStyle style : EmojiStyle.values()) {
      parts[style.ordinal()] = pack.images(style, concepts);
    }
    return Images.concat(parts);
  }

  /** Returns the step to resume at: that of the state file, or 0. */
  private static int resume(Path file, java.util.function.Consumer<NamedTensors> restore) {
    if (!Files.exists(file)) {
      return 0;
    }
    restore.accept(TensorFiles.load(file));
    return stepOf(file);
  }

  private static int stepOf(Path state) {
    return Integer.parseInt(SafetensorsFile.open(state).metadata().get("step"));
  }

  private static void save(Path file, int step, NamedTensors state) {
    SafetensorsWriter writer = new SafetensorsWriter().metadata(Map.of("step", "" + step));
    state.asMap().forEach((name, t) -> writer.add(name, t.shape(), t.values()));
    writer.write(file);
  }
}
