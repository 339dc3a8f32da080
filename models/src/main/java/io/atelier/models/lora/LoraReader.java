package io.atelier.models.lora;

import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.state.NamedTensors.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Assigns the tensors of an adapter file to linear maps, under any naming scheme. Tensors of other
 * computations than {@code alpha / rank · B A} are rejected by name.
 */
final class LoraReader {

  /** Prefix of the names of PEFT. */
  static final String PEFT = "base_model.model.";

  /** Prefix of the names of diffusers. */
  static final String DIFFUSERS = "transformer.";

  /** All prefixes, with those of ComfyUI, kohya and OneTrainer. */
  private static final List<String> PREFIXES =
      List.of(PEFT, DIFFUSERS, "diffusion_model.", "lora_unet_", "lora_transformer_");

  private static final Pattern FACTOR =
      Pattern.compile(
          "(.+)\\.(lora_A|lora_down|lora\\.down|lora_B|lora_up|lora\\.up)(\\.default)?\\.weight");

  private static final Pattern ALPHA = Pattern.compile("(.+)\\.alpha");

  /** Known but unsupported variants, by a pattern of their tensors' names. */
  private static final Map<Pattern, String> REFUSED =
      Map.of(
          Pattern.compile("(text_encoder(_\\d)?\\.|lora_te\\d?_).*"),
          "adapts a text encoder; only adapters of the diffusion transformer are read",
          Pattern.compile(".+\\.(dora_scale|lora_magnitude_vector)(\\..+)?"),
          "is of DoRA, which is not read; only plain LoRA is",
          Pattern.compile(".+\\.lokr_.+"),
          "is of LoKr (LyCORIS), which is not read; only plain LoRA is",
          Pattern.compile(".+\\.hada_.+"),
          "is of LoHa (LyCORIS), which is not read; only plain LoRA is",
          Pattern.compile(".+\\.b?oft_.+"),
          "is of OFT, which is not read; only plain LoRA is",
          Pattern.compile(".+\\.lora_mid\\..+"),
          "is of a Tucker decomposition (LyCORIS), which is not read; only plain LoRA is",
          Pattern.compile(".+\\.diff(_b)?"),
          "changes a whole weight, which is not read; only plain LoRA is",
          Pattern.compile(".+\\.(lora_[AB]|lora_up|lora_down)(\\..+)?\\.bias"),
          "adds to a bias, which is not read; only plain LoRA is");

  /** The factors under one name of the file. */
  private static final class Found {
    private String nameOfA;
    private String nameOfB;
    private String nameOfAlpha;
  }

  /** One linear map. */
  private record Part(LoraWeights.Pair pair, double alpha) {}

  private final SafetensorsFile source;
  private final Map<String, long[]> maps;
  private final LoraNames names;
  private final String prefix;

  /**
   * @param maps shape (out, in) of every linear map that can be adapted, by name
   */
  LoraReader(SafetensorsFile source, Map<String, long[]> maps) {
    this.source = source;
    this.maps = maps;
    this.names = new LoraNames(maps);
    this.prefix =
        PREFIXES.stream()
            .filter(p -> source.names().stream().anyMatch(name -> name.startsWith(p)))
            .findFirst()
            .orElse("");
  }

  /** Whether the tensors have the names of PEFT. */
  boolean isPeft() {
    return prefix.equals(PEFT);
  }

  /**
   * Reads all tensors.
   *
   * @param config rank and alpha from a configuration; empty if only the tensors give them
   */
  LoraWeights read(Optional<LoraConfig> config) {
    SortedMap<String, Part> parts = new TreeMap<>();
    SortedMap<String, Found> found = found();
    found.forEach((name, tensors) -> add(name, tensors, config, parts));
    config.ifPresent(c -> c.requireUsed(found.keySet()));
    return joined(parts);
  }

  private SortedMap<String, Found> found() {
    SortedMap<String, Found> found = new TreeMap<>();
    for (String name : source.names()) {
      REFUSED.forEach(
          (pattern, why) -> {
            if (pattern.matcher(name).matches()) {
              throw new LoraException("tensor \"%s\" %s".formatted(name, why));
            }
          });
      Matcher factor = FACTOR.matcher(name);
      Matcher alpha = ALPHA.matcher(name);
      if (!name.startsWith(prefix) || !factor.matches() && !alpha.matches()) {
        throw new LoraException(
            "tensor \"%s\" is not part of an adapter of the diffusion transformer: names begin with %s and end in .lora_A.weight, .lora_B.weight or similar"
                .formatted(name, prefix.isEmpty() ? String.join(", ", PREFIXES) : prefix));
      }
      String key = (factor.matches() ? factor : alpha).group(1).substring(prefix.length());
      Found at = found.computeIfAbsent(key, k -> new Found());
      if (!factor.matches()) {
        at.nameOfAlpha = name;
      } else if (factor.group(2).endsWith("A") || factor.group(2).endsWith("down")) {
        at.nameOfA = once(at.nameOfA, name);
      } else {
        at.nameOfB = once(at.nameOfB, name);
      }
    }
    if (found.isEmpty()) {
      throw new LoraException("it has no tensors");
    }
    return found;
  }

  private String once(String before, String name) {
    requireMatrix(name);
    if (before != null) {
      throw new LoraException(
          "tensors \"%s\" and \"%s\" are the same factor".formatted(before, name));
    }
    return name;
  }

  private void add(
      String key, Found found, Optional<LoraConfig> config, SortedMap<String, Part> parts) {
    if (found.nameOfA == null || found.nameOfB == null) {
      String alone =
          found.nameOfA != null
              ? found.nameOfA
              : found.nameOfB != null ? found.nameOfB : found.nameOfAlpha;
      throw new LoraException(
          "tensor \"%s\" lacks its partner: there must be two factors".formatted(alone));
    }
    List<LoraNames.Place> places = names.of(key);
    if (places.isEmpty()) {
      throw new LoraException(
          "tensor \"%s\" adapts nothing that can be adapted in this model"
              .formatted(found.nameOfA));
    }
    Tensor a = factor(found.nameOfA);
    Tensor b = factor(found.nameOfB);
    int rank = (int) Math.min(a.shape()[0], Integer.MAX_VALUE);
    if (b.shape()[1] != rank) {
      throw new LoraException(
          "tensor \"%s\" of shape %s does not fit rank %d of \"%s\""
              .formatted(found.nameOfB, Arrays.toString(b.shape()), rank, found.nameOfA));
    }
    double alpha = alpha(key, found, rank, config);
    for (LoraNames.Place place : places) {
      requireFits(found, a, b, places.get(places.size() - 1).to(), place);
      Part part = new Part(new LoraWeights.Pair(a, rows(b, place)), alpha);
      if (parts.put(place.map(), part) != null) {
        throw new LoraException(
            "tensor \"%s\" adapts %s a second time".formatted(found.nameOfA, place.map()));
      }
    }
  }

  private Tensor factor(String name) {
    return new Tensor(source.info(name).shape().clone(), source.floats(name));
  }

  private void requireMatrix(String name) {
    int dimensions = source.info(name).shape().length;
    if (dimensions != 2) {
      throw new LoraException(
          "tensor \"%s\" has %d dimensions, a factor has 2".formatted(name, dimensions));
    }
  }

  private double alpha(String key, Found found, int rank, Optional<LoraConfig> config) {
    if (config.isPresent() && found.nameOfAlpha != null) {
      throw new LoraException(
          "tensor \"%s\" gives alpha, which the configuration gives as well"
              .formatted(found.nameOfAlpha));
    }
    if (config.isPresent()) {
      int said = config.get().rankOf(key);
      if (said != rank) {
        throw new LoraException(
            "tensor \"%s\" of shape %s does not fit rank %d of the configuration"
                .formatted(
                    found.nameOfA, Arrays.toString(source.info(found.nameOfA).shape()), said));
      }
      return config.get().alphaOf(key);
    }
    if (found.nameOfAlpha == null) {
      return rank; // readers assume scale 1
    }
    boolean whole = source.info(found.nameOfAlpha).dtype().equals("I64");
    if (Arrays.stream(source.info(found.nameOfAlpha).shape()).anyMatch(extent -> extent != 1)) {
      throw new LoraException("tensor \"%s\" is not a single number".formatted(found.nameOfAlpha));
    }
    double alpha = whole ? source.longs(found.nameOfAlpha)[0] : source.floats(found.nameOfAlpha)[0];
    if (!(alpha > 0) || Double.isInfinite(alpha)) {
      throw new LoraException(
          "tensor \"%s\" is %s, alpha must be positive".formatted(found.nameOfAlpha, alpha));
    }
    return alpha;
  }

  private void requireFits(Found found, Tensor a, Tensor b, long rows, LoraNames.Place place) {
    long in = maps.get(place.map())[1];
    if (a.shape()[1] != in || b.shape()[0] != rows) {
      throw new LoraException(
          "tensors \"%s\" %s and \"%s\" %s do not fit %s of this model, which needs (rank, %d) and (%d, rank)"
              .formatted(
                  found.nameOfA,
                  Arrays.toString(a.shape()),
                  found.nameOfB,
                  Arrays.toString(b.shape()),
                  place.map(),
                  in,
                  rows));
    }
  }

  private static Tensor rows(Tensor b, LoraNames.Place place) {
    int rank = (int) b.shape()[1];
    int from = Math.toIntExact(place.from() * rank);
    int to = Math.toIntExact(place.to() * rank);
    if (to - from == b.values().length && !place.swapped()) {
      return b;
    }
    float[] values = Arrays.copyOfRange(b.values(), from, to);
    if (place.swapped()) {
      int half = values.length / 2;
      System.arraycopy(b.values(), from + half, values, 0, half);
      System.arraycopy(b.values(), from, values, half, half);
    }
    return new Tensor(new long[] {place.to() - place.from(), rank}, values);
  }

  /**
   * One adapter of one rank and scale. If they differ between maps, smaller ranks are padded with
   * zeros, and each scale is multiplied into its B.
   */
  private static LoraWeights joined(SortedMap<String, Part> parts) {
    Part first = parts.get(parts.firstKey());
    boolean alike =
        parts.values().stream()
            .allMatch(p -> p.pair().rank() == first.pair().rank() && p.alpha() == first.alpha());
    int rank = parts.values().stream().mapToInt(part -> part.pair().rank()).max().orElseThrow();
    SortedMap<String, LoraWeights.Pair> modules = new TreeMap<>();
    parts.forEach((map, part) -> modules.put(map, alike ? part.pair() : padded(part, rank)));
    return new LoraWeights(rank, alike ? first.alpha() : rank, modules);
  }

  private static LoraWeights.Pair padded(Part part, int rank) {
    LoraWeights.Pair padded = part.pair().zeros(rank);
    padded.put(part.pair(), 0, (float) (part.alpha() / part.pair().rank()));
    return padded;
  }
}
