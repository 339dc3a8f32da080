package io.atelier.models.sd3;

import ai.djl.ndarray.NDManager;
import io.atelier.models.condition.RewardCondition;
import io.atelier.models.condition.RewardConditionConfig;
import io.atelier.models.condition.RewardConditionFile;
import io.atelier.models.files.FileException;
import io.atelier.models.safetensors.DType;
import io.atelier.models.safetensors.TensorSource;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.SafetensorsWeights;
import io.atelier.models.tensor.StorageType;
import io.atelier.models.tensor.WeightSource;
import io.atelier.models.text.ClipTokenizer;
import io.atelier.models.text.T5Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A Stable Diffusion 3 pipeline as diffusers writes it: one folder with a sub-folder for each part,
 * and {@code model_index.json}, which says what parts there are. It is obeyed: a part that it names
 * must be there, and one that it does not use is not read.
 */
public final class PipelineFolder {

  private static final String DIFFUSERS = "diffusion_pytorch_model";
  private static final String TRANSFORMERS = "model";

  private static final List<String> PARTS =
      List.of(
          "scheduler",
          "text_encoder",
          "text_encoder_2",
          "tokenizer",
          "tokenizer_2",
          "transformer",
          "vae");

  private static final List<String> T5_PARTS = List.of("text_encoder_3", "tokenizer_3");

  /** What files of text encoders may hold beyond what is read. */
  private static final String CLIP_SPARE =
      "text_model\\.embeddings\\.position_ids|vision_model\\..*|visual_projection\\.weight"
          + "|logit_scale";

  private static final String T5_SPARE =
      "encoder\\.embed_tokens\\.weight|decoder\\..*|lm_head\\.weight";

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
    SortedMap<String, Path> files = new TreeMap<>();
    files.put("model_index.json", root.resolve("model_index.json"));
    for (String part : t5 ? Stream.concat(PARTS.stream(), T5_PARTS.stream()).toList() : PARTS) {
      String base = part.equals("transformer") || part.equals("vae") ? DIFFUSERS : TRANSFORMERS;
      Set<String> weights = TensorSource.files(root.resolve(part), base);
      for (Path file : below(root.resolve(part))) {
        String name = file.getFileName().toString();
        if (weights.contains(name) || name.endsWith(".json") || name.endsWith(".txt")) {
          files.put(part + "/" + name, file);
        }
      }
    }
    if (isConditioned()) {
      files.put(RewardConditionFile.NAME, root.resolve(RewardConditionFile.NAME));
    }
    return files;
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
    SortedMap<String, Path> files = files();
    files
        .keySet()
        .removeIf(name -> !name.startsWith("text_encoder") && !name.startsWith("tokenizer"));
    return files;
  }

  /** Bytes of the files of the text encoders. */
  public long textBytes() {
    long bytes = 0;
    for (Path file : textFiles().values()) {
      bytes += size(file);
    }
    return bytes;
  }

  /** What the largest text encoder's matrices are kept as. */
  public DType textType() {
    String part = t5 ? "text_encoder_3" : "text_encoder_2";
    TensorSource source = TensorSource.open(root.resolve(part), TRANSFORMERS);
    SafetensorsWeights weights = new SafetensorsWeights(source, storedFrom, types.text());
    return source.names().stream()
        .max(Comparator.comparingLong(name -> source.info(name).bytes()))
        .map(
            name ->
                weights.isConverted(name)
                    ? weights.kept(name)
                    : DType.valueOf(source.info(name).dtype()))
        .filter(type -> type == DType.F16 || type == DType.BF16)
        .orElse(DType.F32);
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }

  private static List<Path> below(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(Files::isRegularFile)
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .toList();
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "%s cannot be listed: %s".formatted(folder, e.getMessage()), e);
    }
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
    return root.resolve(part).resolve("config.json");
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
    TensorSource source = TensorSource.open(root.resolve("transformer"), DIFFUSERS);
    MmditConfig config = transformerConfig();
    Set<String> changed = trained.shapes(config).keySet();
    Map<String, NamedTensors.Tensor> fixed = new TreeMap<>();
    for (Map.Entry<String, long[]> weight : config.shapes().entrySet()) {
      String name = weight.getKey();
      if (!changed.contains(name)) {
        fixed.put(name, new NamedTensors.Tensor(weight.getValue(), source.floats(name)));
      }
    }
    return new NamedTensors(fixed);
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
    MmditConfig network = transformerConfig();
    VaeConfig vae = vaeConfig();
    schedule();
    ClipTextConfig first = clipConfig("text_encoder");
    ClipTextConfig second = clipConfig("text_encoder_2");
    Optional<T5Config> third = t5 ? Optional.of(t5Config()) : Optional.empty();
    PartSizes.requireFit(root, network, vae, List.of(first, second), third);
    ClipTokenizer tokenizer = ClipTokenizer.load(part("tokenizer"));
    PartSizes.requireFit(part("tokenizer"), tokenizer, first);
    PartSizes.requireLength(part("tokenizer"), tokenizer, first);
    PartSizes.requireLength(part("tokenizer"), tokenizer, second);
    first.requireEnd(config("text_encoder"), tokenizer, part("tokenizer"));
    ClipTokenizer other = ClipTokenizer.load(part("tokenizer_2"));
    PartSizes.requireFit(part("tokenizer_2"), other, second);
    second.requireEnd(config("text_encoder_2"), other, part("tokenizer_2"));
    if (t5) {
      T5Tokenizer.load(part("tokenizer_3")).close();
    }
    rewards();
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
        yield weights(part, DIFFUSERS, config, config.shapes(), "");
      }
      case "vae" -> {
        VaeConfig config = vaeConfig();
        yield weights(part, DIFFUSERS, config, config.shapes(), "");
      }
      case "text_encoder_3" -> {
        T5Config config = t5Config();
        yield weights(part, TRANSFORMERS, config, config.shapes(), T5_SPARE);
      }
      default -> {
        ClipTextConfig config = clipConfig(part);
        yield weights(part, TRANSFORMERS, config, config.shapes(), CLIP_SPARE);
      }
    };
  }

  private PartWeights weights(
      String part, String base, Record config, Map<String, long[]> shapes, String spare) {
    StorageType storage = part.startsWith("text") ? types.text() : types.network();
    return new PartWeights(root.resolve(part), base, config, shapes, spare, storedFrom, storage);
  }
}
