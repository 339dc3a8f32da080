package io.atelier.models.sd3;

import ai.djl.ndarray.NDManager;
import io.atelier.models.files.FileException;
import io.atelier.models.safetensors.DType;
import io.atelier.models.safetensors.TensorInfo;
import io.atelier.models.safetensors.TensorSource;
import io.atelier.models.tensor.ComputeType;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.SafetensorsWeights;
import io.atelier.models.tensor.SharedWeights;
import io.atelier.models.tensor.WeightSource;
import io.atelier.models.text.ClipTokenizer;
import io.atelier.models.text.T5Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
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

  /** What a file of weights may hold beyond what is read. */
  private static final Map<String, String> SPARE =
      Map.of(
          "clip",
          "text_model\\.embeddings\\.position_ids|vision_model\\..*|visual_projection\\.weight"
              + "|logit_scale",
          "t5",
          "encoder\\.embed_tokens\\.weight|decoder\\..*|lm_head\\.weight");

  /** Queries, keys and values, and their norms, which are fused where a part is built. */
  private static final String FUSED =
      ".*\\.(attn2?\\.(to_[qkv]|add_[qkv]_proj|norm_(added_)?[qk])|self_attn\\.[qkv]_proj"
          + "|SelfAttention\\.[qkv])\\.(weight|bias)";

  private final Path root;
  private final long storedFrom;
  private final ComputeType compute;
  private final boolean t5;

  /**
   * @param root the folder that holds {@code model_index.json}
   * @throws FileException if that file asks for what is not there or not supported
   */
  public PipelineFolder(Path root) {
    this(root, SafetensorsWeights.STORED_FROM, ComputeType.FLOAT32);
  }

  /**
   * @param storedFrom bytes from which a matrix of half precision stays as its file has it
   * @param compute what the velocity network computes in
   * @see #PipelineFolder(Path)
   */
  public PipelineFolder(Path root, long storedFrom, ComputeType compute) {
    this.root = root;
    this.storedFrom = storedFrom;
    this.compute = compute;
    this.t5 = PipelineIndex.usesT5(root);
  }

  /** The folder that holds {@code model_index.json}. */
  public Path root() {
    return root;
  }

  /** Whether T5 reads prompts as well; without it, zeros stand for its features. */
  public boolean hasT5() {
    return t5;
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
    return files;
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
    return source.names().stream()
        .map(source::info)
        .max(Comparator.comparingLong(TensorInfo::bytes))
        .map(info -> DType.valueOf(info.dtype()))
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
    return new Mmdit(
        scope,
        config,
        shared(
            scope,
            "transformer",
            DIFFUSERS,
            config,
            all ->
                new Mmdit(all, config, weights("transformer", DIFFUSERS, config.shapes(), ""))
                    .weights()),
        compute);
  }

  /** The autoencoder; its weights are shared as those of {@link #loadTransformer}. */
  public Vae loadVae(NDManager scope) {
    VaeConfig config = vaeConfig();
    return new Vae(
        config,
        shared(
            scope,
            "vae",
            DIFFUSERS,
            config,
            all -> new Vae(all, config, weights("vae", DIFFUSERS, config.shapes(), "")).weights()));
  }

  /** A CLIP text encoder; its weights are shared as those of {@link #loadTransformer}. */
  public ClipTextEncoder loadClip(NDManager scope, String part) {
    ClipTextConfig config = clipConfig(part);
    return new ClipTextEncoder(
        config,
        shared(
            scope,
            part,
            TRANSFORMERS,
            config,
            all ->
                new ClipTextEncoder(
                        all,
                        config,
                        weights(part, TRANSFORMERS, config.shapes(), SPARE.get("clip")))
                    .weights()));
  }

  /** T5; its weights are shared as those of {@link #loadTransformer}. */
  public T5Encoder loadT5(NDManager scope) {
    T5Config config = t5Config();
    String part = "text_encoder_3";
    return new T5Encoder(
        config,
        shared(
            scope,
            part,
            TRANSFORMERS,
            config,
            all ->
                new T5Encoder(
                        all, config, weights(part, TRANSFORMERS, config.shapes(), SPARE.get("t5")))
                    .weights()));
  }

  /** {@code loader} builds the part once, since building it fuses weights. */
  private Parameters shared(
      NDManager user,
      String part,
      String base,
      Record config,
      Function<NDManager, Parameters> loader) {
    return SharedWeights.of(
        user, WeightsKey.of(root.resolve(part), base, storedFrom, config), loader);
  }

  /**
   * The tokenizers and text encoders, T5 only if the pipeline uses it.
   *
   * @param scope owns the weights; the caller closes the result as well
   */
  public PromptEncoder loadPromptEncoder(NDManager scope) {
    return new PromptEncoder(
        new PromptEncoder.Part<>(
            loadClip(scope, "text_encoder"), ClipTokenizer.load(part("tokenizer"))),
        new PromptEncoder.Part<>(
            loadClip(scope, "text_encoder_2"), ClipTokenizer.load(part("tokenizer_2"))),
        t5
            ? Optional.of(
                new PromptEncoder.Part<>(loadT5(scope), T5Tokenizer.load(part("tokenizer_3"))))
            : Optional.empty(),
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
    PartSizes.requireFit(part("tokenizer_2"), ClipTokenizer.load(part("tokenizer_2")), second);
    if (t5) {
      T5Tokenizer.load(part("tokenizer_3")).close();
    }
    checkWeights("transformer", DIFFUSERS, network.shapes(), "");
    checkWeights("vae", DIFFUSERS, vae.shapes(), "");
    checkWeights("text_encoder", TRANSFORMERS, first.shapes(), SPARE.get("clip"));
    checkWeights("text_encoder_2", TRANSFORMERS, second.shapes(), SPARE.get("clip"));
    third.ifPresent(
        config -> checkWeights("text_encoder_3", TRANSFORMERS, config.shapes(), SPARE.get("t5")));
  }

  /**
   * Bytes that the weights of a part take once they are loaded, those that stay mapped included.
   *
   * @param part {@code transformer}, {@code vae} or {@code text_encoder}, also with {@code _2} or
   *     {@code _3}
   */
  public long loadedBytes(String part) {
    return switch (part) {
      case "transformer" -> loadedBytes(part, DIFFUSERS, transformerConfig().shapes(), "");
      case "vae" -> loadedBytes(part, DIFFUSERS, vaeConfig().shapes(), "");
      case "text_encoder_3" ->
          loadedBytes(part, TRANSFORMERS, t5Config().shapes(), SPARE.get("t5"));
      default -> loadedBytes(part, TRANSFORMERS, clipConfig(part).shapes(), SPARE.get("clip"));
    };
  }

  private long loadedBytes(String part, String base, Map<String, long[]> shapes, String spare) {
    SafetensorsWeights weights = weights(part, base, shapes, spare);
    return shapes.keySet().stream().mapToLong(weights::loadedBytes).sum();
  }

  /**
   * Those of {@link #loadedBytes} that are no mapped file: weights that were converted, and those
   * that were fused.
   */
  public long memoryBytes(String part) {
    return switch (part) {
      case "transformer" -> memoryBytes(part, DIFFUSERS, transformerConfig().shapes(), "");
      case "vae" -> memoryBytes(part, DIFFUSERS, vaeConfig().shapes(), "");
      case "text_encoder_3" ->
          memoryBytes(part, TRANSFORMERS, t5Config().shapes(), SPARE.get("t5"));
      default -> memoryBytes(part, TRANSFORMERS, clipConfig(part).shapes(), SPARE.get("clip"));
    };
  }

  private long memoryBytes(String part, String base, Map<String, long[]> shapes, String spare) {
    SafetensorsWeights weights = weights(part, base, shapes, spare);
    boolean fuses =
        !part.equals("text_encoder_3") || shapes.keySet().stream().noneMatch(weights::isPacked);
    return shapes.keySet().stream()
        .filter(name -> !weights.isMapped(name) || fuses && name.matches(FUSED))
        .mapToLong(weights::loadedBytes)
        .sum();
  }

  private void checkWeights(
      String part, String base, Map<String, long[]> shapes, String spareNames) {
    SafetensorsWeights source = weights(part, base, shapes, spareNames);
    shapes.forEach(
        (name, shape) -> {
          WeightSource.requireShape(source, name, shape);
          source.requireFinite(name);
        });
  }

  /**
   * The weights of a part. A tensor that the configuration has no place for means that the two do
   * not belong together, unless {@code spare} names it.
   *
   * @param spare regular expression of further names that such files have
   */
  private SafetensorsWeights weights(
      String part, String base, Map<String, long[]> shapes, String spare) {
    TensorSource source = TensorSource.open(root.resolve(part), base);
    List<String> unused =
        source.names().stream()
            .filter(name -> !shapes.containsKey(name) && !name.matches(spare))
            .toList();
    if (!unused.isEmpty()) {
      throw new FileException(
          ("%s holds %d tensor(s) that %s has no place for, such as \"%s\" of shape %s: the two do"
                  + " not belong together; take both from one model")
              .formatted(
                  source.path(),
                  unused.size(),
                  config(part),
                  unused.get(0),
                  Arrays.toString(source.info(unused.get(0)).shape())));
    }
    return new SafetensorsWeights(source, storedFrom);
  }
}
