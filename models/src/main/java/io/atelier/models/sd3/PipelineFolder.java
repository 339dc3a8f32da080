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
 * and {@code model_index.json}, which says what parts there are. It is obeyed: a part that it names
 * must be there, and one that it does not use is not read.
 */
public final class PipelineFolder {

  private final Path root;
  private final long storedFrom;
  private final ModelTypes types;
  private final boolean t5;

  /**
   * @param root the folder that holds {@code model_index.json}
   * @throws FileException if that file asks for what is not there or not supported
   */
  public PipelineFolder(Path root) {
    this(root, SafetensorsWeights.STORED_FROM, ModelTypes.DEFAULT);
  }

  /**
   * @param storedFrom bytes from which a matrix of half precision stays so
   * @param types of its weights and of what is computed
   * @see #PipelineFolder(Path)
   */
  public PipelineFolder(Path root, long storedFrom, ModelTypes types) {
    this.root = root;
    this.storedFrom = storedFrom;
    this.types = types;
    this.t5 = PipelineIndex.usesT5(root);
  }

  /** The same in other types. */
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

  /** Whether T5 reads prompts as well; without it, zeros stand for its features. */
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
   * Every file that loading this pipeline may read, by its path within the folder: of each part its
   * settings and the weights that are chosen, but no other form of the weights.
   */
  public SortedMap<String, Path> files() {
    return PipelineFiles.all(root, t5, isConditioned());
  }

  private boolean isConditioned() {
    return Files.exists(root.resolve(RewardConditionFile.NAME));
  }

  /** The rewards that the model can be told of; empty if it knows text alone. */
  public Optional<RewardConditionConfig> rewards() {
    return isConditioned()
        ? Optional.of(RewardConditionFile.config(root, transformerConfig().pooledDim()))
        : Optional.empty();
  }

  /** What rewards go through, float32; empty if the model knows text alone. */
  public Optional<RewardCondition> loadRewardCondition(NDManager scope) {
    return isConditioned()
        ? Optional.of(RewardConditionFile.load(scope, root, transformerConfig().pooledDim()))
        : Optional.empty();
  }

  /** Those of {@link #files} that turn a prompt into features. */
  public SortedMap<String, Path> textFiles() {
    return PipelineFiles.ofText(files());
  }

  /** Bytes of the files of the text encoders. */
  public long textBytes() {
    return PipelineFiles.bytes(textFiles().values());
  }

  /** What the largest text encoder's matrices are kept as. */
  public DType textType() {
    String part = t5 ? "text_encoder_3" : "text_encoder_2";
    return weights(part).largestType();
  }

  public MmditConfig transformerConfig() {
    return PipelineConfigs.transformer(config("transformer"));
  }

  /** Rows and columns, in pixels, of the images that the model was made for. */
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

  /** Sizes of {@code text_encoder_3}; refuses feed-forwards other than the gated GELU of v1.1. */
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

  /** The velocity network; its weights are shared by all that load them in this process. */
  public Mmdit loadTransformer(NDManager scope) {
    MmditConfig config = transformerConfig();
    Parameters weights =
        weights("transformer")
            .shared(scope, (all, source) -> new Mmdit(all, config, source).weights());
    return new Mmdit(scope, config, weights, types.compute());
  }

  /**
   * The velocity network for a user that trains or replaces what {@code trained} says. Weights of
   * the network that are trained are float32 and its own: where all are, with the values of the
   * files, and else with those that the others are kept with.
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

  /** The transformer's weights that are not trained, as its files have them. */
  public NamedTensors fixedWeights(WholeNetwork trained) {
    return weights("transformer").without(trained.shapes(transformerConfig()).keySet());
  }

  /** The autoencoder; its weights are shared as those of {@link #loadTransformer}. */
  public Vae loadVae(NDManager scope) {
    VaeConfig config = vaeConfig();
    return new Vae(
        config,
        weights("vae").shared(scope, (all, source) -> new Vae(all, config, source).weights()));
  }

  /** A CLIP text encoder; its weights are shared as those of {@link #loadTransformer}. */
  public ClipTextEncoder loadClip(NDManager scope, String part) {
    ClipTextConfig config = clipConfig(part);
    Parameters weights =
        weights(part)
            .shared(scope, (all, source) -> new ClipTextEncoder(all, config, source).weights());
    return new ClipTextEncoder(config, weights);
  }

  /** T5; its weights are shared as those of {@link #loadTransformer}. */
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
   * The same without T5: enough for the pooled vectors of texts.
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
   * Reads every file of the pipeline and fails as loading and use would, before anything is begun:
   * configurations, tokenizers, and the shape and values of all weights. Keeps nothing.
   */
  public void check() {
    PipelineCheck.require(this);
    checkNetwork();
    textEncoders().forEach(part -> weights(part).check());
  }

  /**
   * The part of {@link #check} that {@link ModelTypes#network} decides: shape and values of the
   * weights of transformer and autoencoder.
   */
  public void checkNetwork() {
    weights("transformer").check();
    weights("vae").check();
  }

  /**
   * Whether some weights of a part are kept in another type than they would be {@link
   * StorageType#STORED}.
   *
   * @param part as of {@link #loadedBytes}
   */
  public boolean isConverted(String part) {
    return weights(part).areConverted();
  }

  /**
   * Bytes that the weights of a part take once they are loaded, those that stay mapped included.
   *
   * @param part {@code transformer}, {@code vae} or {@code text_encoder}, also with {@code _2} or
   *     {@code _3}
   */
  public long loadedBytes(String part) {
    return weights(part).loadedBytes();
  }

  /**
   * Those of {@link #loadedBytes} that are no mapped file: weights that were converted, and those
   * that were fused.
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
