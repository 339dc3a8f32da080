package io.atelier.models.sd3;

import ai.djl.ndarray.NDManager;
import io.atelier.models.condition.RewardCondition;
import io.atelier.models.condition.RewardConditionConfig;
import io.atelier.models.condition.RewardConditionFile;
import io.atelier.models.files.FileException;
import io.atelier.models.safetensors.DType;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.SafetensorsWeights;
import io.atelier.models.tensor.StorageType;
import io.atelier.models.tensor.WeightSource;
import io.atelier.models.text.ClipTokenizer;
import io.atelier.models.text.T5Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A Stable Diffusion 3 pipeline as diffusers writes it: one folder with a sub-folder for each part,
 * and {@code model_index.json}, which lists the parts: a part that it names must exist, and one
 * that it does not use is not read.
 */
public final class PipelineFolder {

  private final Path root;
  private final long storedFrom;
  private final ModelTypes types;
  private final boolean t5;

  /**
   * @param root the folder that holds {@code model_index.json}
   * @throws FileException if that file names something that is missing or not supported
   */
  public PipelineFolder(Path root) {
    this(root, SafetensorsWeights.STORED_FROM, ModelTypes.DEFAULT);
  }

  /**
   * @param storedFrom size in bytes from which a half-precision matrix stays in half precision
   * @param types types of its weights and of computation
   * @see #PipelineFolder(Path)
   */
  public PipelineFolder(Path root, long storedFrom, ModelTypes types) {
    this.root = root;
    this.storedFrom = storedFrom;
    this.types = types;
    this.t5 = PipelineIndex.usesT5(root);
  }

  /** The same pipeline in other types. */
  public PipelineFolder as(ModelTypes other) {
    return new PipelineFolder(root, storedFrom, other);
  }

  public ModelTypes types() {
    return types;
  }

  /** The folder that holds {@code model_index.json}. */
  public Path root() {
    return root;
  }

  /** Whether T5 is used; without it, its features are zeros. */
  public boolean hasT5() {
    return t5;
  }

  /** Names of the parts that are text encoders. */
  public List<String> textEncoders() {
    return t5
        ? List.of("text_encoder", "text_encoder_2", "text_encoder_3")
        : List.of("text_encoder", "text_encoder_2");
  }

  public Path part(String part) {
    return root.resolve(part);
  }

  /**
   * Every file that loading this pipeline may read, by its path within the folder: for each part
   * its settings and the chosen form of its weights, but no other form.
   */
  public SortedMap<String, Path> files() {
    return PipelineFiles.all(root, t5, isConditioned());
  }

  private boolean isConditioned() {
    return Files.exists(root.resolve(RewardConditionFile.NAME));
  }

  /** The rewards that the model is conditioned on; empty if on text only. */
  public Optional<RewardConditionConfig> rewards() {
    return isConditioned()
        ? Optional.of(RewardConditionFile.config(root, transformerConfig().pooledDim()))
        : Optional.empty();
  }

  /** The embedding of rewards, float32; empty if the model is conditioned on text only. */
  public Optional<RewardCondition> loadRewardCondition(NDManager scope) {
    return isConditioned()
        ? Optional.of(RewardConditionFile.load(scope, root, transformerConfig().pooledDim()))
        : Optional.empty();
  }

  /** The files of text encoders and tokenizers among {@link #files}. */
  public SortedMap<String, Path> textFiles() {
    return PipelineFiles.ofText(files());
  }

  /** Bytes of the files of the text encoders. */
  public long textBytes() {
    return PipelineFiles.bytes(textFiles().values());
  }

  /** The type that the largest text encoder's matrices are stored in. */
  public DType textType() {
    String part = t5 ? "text_encoder_3" : "text_encoder_2";
    return weights(part).largestType();
  }

  public MmditConfig transformerConfig() {
    return PipelineConfigs.transformer(config("transformer"));
  }

  /** Rows and columns, in pixels, of the images that the model was trained for. */
  public int sampleSize() {
    return Math.multiplyExact(
        PipelineConfigs.sampleSize(config("transformer")), vaeConfig().factor());
  }

  public VaeConfig vaeConfig() {
    return PipelineConfigs.vae(config("vae"));
  }

  /**
   * @param part {@code text_encoder} or {@code text_encoder_2}
   */
  public ClipTextConfig clipConfig(String part) {
    return PipelineConfigs.clip(config(part));
  }

  /** Sizes of {@code text_encoder_3}; rejects feed-forwards other than the gated GELU of v1.1. */
  public T5Config t5Config() {
    return PipelineConfigs.t5(config("text_encoder_3"));
  }

  private Path config(String part) {
    return config(part(part));
  }

  static Path config(Path part) {
    return part.resolve("config.json");
  }

  /** Shift of the noise levels, from {@code scheduler/scheduler_config.json}. */
  public double scheduleShift() {
    return schedule().shift();
  }

  /** Noise levels that the network was trained with, from the scheduler's configuration. */
  public int trainTimesteps() {
    return schedule().trainTimesteps();
  }

  private PipelineConfigs.Schedule schedule() {
    return PipelineConfigs.scheduler(root.resolve("scheduler/scheduler_config.json"));
  }

  /** The velocity network; its weights are shared by all users in this process. */
  public Mmdit loadTransformer(NDManager scope) {
    MmditConfig config = transformerConfig();
    Parameters weights =
        weights("transformer")
            .shared(scope, (all, source) -> new Mmdit(all, config, source).weights());
    return new Mmdit(scope, config, weights, types.compute());
  }

  /**
   * The velocity network for a caller that trains or replaces {@code trained}. Trained weights of
   * the network are float32 and not shared: if all are trained, with the values of the files,
   * otherwise with the values as stored in memory.
   */
  public Mmdit loadTransformer(NDManager scope, Trained trained) {
    if (!(trained instanceof WholeNetwork network)) {
      return loadTransformer(scope);
    }
    MmditConfig config = transformerConfig();
    if (!network.isAll()) {
      Parameters frozen = loadTransformer(scope).weights();
      Parameters mixed = frozen.owning(scope, network.shapes(config).keySet());
      return new Mmdit(scope, config, mixed, types.compute());
    }
    WeightSource own = weights("transformer").open().inMemory();
    return new Mmdit(scope, config, Parameters.load(scope, own, config.shapes()), types.compute());
  }

  /** The transformer's weights that are not trained, with the values of its files. */
  public NamedTensors fixedWeights(WholeNetwork trained) {
    return weights("transformer").without(trained.shapes(transformerConfig()).keySet());
  }

  /** The autoencoder; its weights are shared as in {@link #loadTransformer}. */
  public Vae loadVae(NDManager scope) {
    VaeConfig config = vaeConfig();
    return new Vae(
        config,
        weights("vae").shared(scope, (all, source) -> new Vae(all, config, source).weights()));
  }

  /** A CLIP text encoder; its weights are shared as in {@link #loadTransformer}. */
  public ClipTextEncoder loadClip(NDManager scope, String part) {
    ClipTextConfig config = clipConfig(part);
    Parameters weights =
        weights(part)
            .shared(scope, (all, source) -> new ClipTextEncoder(all, config, source).weights());
    return new ClipTextEncoder(config, weights);
  }

  /** T5; its weights are shared as in {@link #loadTransformer}. */
  public T5Encoder loadT5(NDManager scope) {
    T5Config config = t5Config();
    Parameters weights =
        weights("text_encoder_3")
            .shared(scope, (all, source) -> new T5Encoder(all, config, source).weights());
    return new T5Encoder(config, weights);
  }

  /**
   * The tokenizers and text encoders, T5 only if the pipeline uses it.
   *
   * @param scope owns the weights; the caller closes the result as well
   */
  public PromptEncoder loadPromptEncoder(NDManager scope) {
    return promptEncoder(
        scope,
        t5
            ? Optional.of(
                new PromptEncoder.Part<>(loadT5(scope), T5Tokenizer.load(part("tokenizer_3"))))
            : Optional.empty());
  }

  /**
   * The same without T5: sufficient for pooled text vectors.
   *
   * @param scope owns the weights; the caller closes the result as well
   */
  public PromptEncoder loadClipEncoders(NDManager scope) {
    return promptEncoder(scope, Optional.empty());
  }

  private PromptEncoder promptEncoder(
      NDManager scope, Optional<PromptEncoder.Part<T5Encoder>> third) {
    return new PromptEncoder(
        new PromptEncoder.Part<>(
            loadClip(scope, "text_encoder"), ClipTokenizer.load(part("tokenizer"))),
        new PromptEncoder.Part<>(
            loadClip(scope, "text_encoder_2"), ClipTokenizer.load(part("tokenizer_2"))),
        third,
        transformerConfig().jointDim());
  }

  /**
   * Reads every file of the pipeline and fails early, as loading and use would: configurations,
   * tokenizers, and the shapes and values of all weights. Keeps nothing.
   */
  public void check() {
    PipelineCheck.require(this);
    checkNetwork();
    textEncoders().forEach(part -> weights(part).check());
  }

  /**
   * The part of {@link #check} that depends on {@link ModelTypes#network}: shapes and values of the
   * weights of transformer and autoencoder.
   */
  public void checkNetwork() {
    weights("transformer").check();
    weights("vae").check();
  }

  /**
   * Whether some weights of a part are stored in another type than with {@link StorageType#STORED}.
   *
   * @param part as for {@link #loadedBytes}
   */
  public boolean isConverted(String part) {
    return weights(part).areConverted();
  }

  /**
   * Bytes of the loaded weights of a part, mapped ones included.
   *
   * @param part {@code transformer}, {@code vae} or {@code text_encoder}, also with {@code _2} or
   *     {@code _3}
   */
  public long loadedBytes(String part) {
    return weights(part).loadedBytes();
  }

  /**
   * The part of {@link #loadedBytes} that is not mapped from a file: converted and fused weights.
   */
  public long memoryBytes(String part) {
    return weights(part).memoryBytes();
  }

  private PartWeights weights(String part) {
    return switch (part) {
      case "transformer" -> {
        MmditConfig config = transformerConfig();
        yield weights(part, config, config.shapes(), "");
      }
      case "vae" -> {
        VaeConfig config = vaeConfig();
        yield weights(part, config, config.shapes(), "");
      }
      case "text_encoder_3" -> {
        T5Config config = t5Config();
        yield weights(part, config, config.shapes(), PipelineFiles.T5_SPARE);
      }
      default -> {
        ClipTextConfig config = clipConfig(part);
        yield weights(part, config, config.shapes(), PipelineFiles.CLIP_SPARE);
      }
    };
  }

  private PartWeights weights(
      String part, Record config, Map<String, long[]> shapes, String spare) {
    StorageType storage = part.startsWith("text") ? types.text() : types.network();
    String base = PipelineFiles.weights(part);
    return new PartWeights(part(part), base, config, shapes, spare, storedFrom, storage);
  }
}
