package io.atelier.models.sd3;

import ai.djl.ndarray.NDManager;
import io.atelier.models.files.FileException;
import io.atelier.models.safetensors.DType;
import io.atelier.models.safetensors.TensorSource;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.SafetensorsWeights;
import io.atelier.models.tensor.SharedWeights;
import io.atelier.models.tensor.StorageType;
import io.atelier.models.tensor.WeightSource;
import io.atelier.models.tensor.WeightsKey;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * The weights of one part of a pipeline folder.
 *
 * @param folder folder of the part
 * @param base {@code model} for transformers, {@code diffusion_pytorch_model} for diffusers
 * @param config sizes of the part
 * @param shapes name and shape of every weight
 * @param spare regular expression of additional names in such files, which are ignored
 * @param storedFrom size in bytes from which a half-precision matrix stays in half precision
 * @param storage type that matrices are stored in
 */
record PartWeights(
    Path folder,
    String base,
    Record config,
    Map<String, long[]> shapes,
    String spare,
    long storedFrom,
    StorageType storage) {

  /** Queries, keys and values, and their norms, which are fused when a part is built. */
  static final String FUSED =
      ".*\\.(attn2?\\.(to_[qkv]|add_[qkv]_proj|norm_(added_)?[qk])|self_attn\\.[qkv]_proj"
          + "|SelfAttention\\.[qkv])\\.(weight|bias)";

  /**
   * The weights that all users in this process share. The part is built once, since that fuses
   * them.
   *
   * @param user scope that keeps them in memory
   */
  Parameters shared(NDManager user, BiFunction<NDManager, WeightSource, Parameters> build) {
    List<Path> files = TensorSource.files(folder, base).stream().map(folder::resolve).toList();
    return SharedWeights.of(
        user,
        WeightsKey.of(files, storedFrom, storage, config),
        scope -> build.apply(scope, open()));
  }

  /**
   * Opens the files; fails if they hold a tensor that neither the configuration nor {@link #spare}
   * expects: files and configuration then do not belong together.
   */
  SafetensorsWeights open() {
    TensorSource source = TensorSource.open(folder, base);
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
                  folder.resolve("config.json"),
                  unused.get(0),
                  Arrays.toString(source.info(unused.get(0)).shape())));
    }
    return new SafetensorsWeights(source, storedFrom, storage);
  }

  /** Fails where loading would: if a weight is missing, has another shape or is not finite. */
  void check() {
    SafetensorsWeights weights = open();
    shapes.forEach(
        (name, shape) -> {
          WeightSource.requireShape(weights, name, shape);
          weights.requireFinite(name);
        });
  }

  /** All weights except {@code names}, with the values of the files. */
  NamedTensors without(Set<String> names) {
    TensorSource source = TensorSource.open(folder, base);
    Map<String, NamedTensors.Tensor> others = new TreeMap<>();
    shapes.forEach(
        (name, shape) -> {
          if (!names.contains(name)) {
            others.put(name, new NamedTensors.Tensor(shape, source.floats(name)));
          }
        });
    return new NamedTensors(others);
  }

  /** The type that the largest matrix is stored in. */
  DType largestType() {
    TensorSource source = TensorSource.open(folder, base);
    SafetensorsWeights weights = new SafetensorsWeights(source, storedFrom, storage);
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

  /** Whether some weights are stored in another type than with {@link StorageType#STORED}. */
  boolean areConverted() {
    SafetensorsWeights weights = open();
    return shapes.keySet().stream().anyMatch(weights::isConverted);
  }

  /** Bytes of the loaded weights, mapped ones included. */
  long loadedBytes() {
    return shapes.keySet().stream().mapToLong(open()::loadedBytes).sum();
  }

  /**
   * The part of {@link #loadedBytes} that is not mapped from a file, since it is converted or
   * fused.
   */
  long memoryBytes() {
    SafetensorsWeights weights = open();
    boolean packed = shapes.keySet().stream().anyMatch(weights::isPacked);
    boolean fuses = !packed || !(config instanceof T5Config);
    return shapes.keySet().stream()
        .filter(name -> !weights.isMapped(name) || fuses && name.matches(FUSED))
        .mapToLong(weights::loadedBytes)
        .sum();
  }
}
