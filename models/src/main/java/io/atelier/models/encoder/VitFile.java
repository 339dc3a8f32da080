package io.atelier.models.encoder;

import ai.djl.ndarray.NDManager;
import io.atelier.models.files.FileException;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.safetensors.TensorSource;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.SafetensorsWeights;
import io.atelier.models.tensor.SharedWeights;
import io.atelier.models.tensor.WeightSource;
import io.atelier.models.tensor.WeightsKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The weights of a Vision Transformer on disk: one safetensors file, or a folder with {@code
 * config.json} as transformers or timm write it.
 *
 * @param weights weights under the names of the layout of {@code config}
 * @param files all files that were read, by name
 */
public record VitFile(SafetensorsWeights weights, VitConfig config, SortedMap<String, Path> files) {

  private static final String CONFIG = "config.json";
  private static final String OPEN_CLIP_CONFIG = "open_clip_config.json";
  private static final String PREPROCESSOR = "preprocessor_config.json";
  private static final String BASE = "model";

  /** A table that only Meta's own DINOv3 files have. */
  private static final String META_DINOV3 = "rope_embed.periods";

  /** Base names of open_clip's weight files. */
  private static final String[] OPEN_CLIP_BASES = {"open_clip_model", "open_clip_pytorch_model"};

  /**
   * Opens a network, and checks names and shapes against its configuration.
   *
   * @throws IllegalArgumentException naming file and key or tensor, if the network is unknown or
   *     incomplete
   */
  public static VitFile open(Path path) {
    VitFile file = Files.isDirectory(path) ? folder(path) : lone(path);
    file.requireShapes();
    return file;
  }

  private static VitFile lone(Path path) {
    SafetensorsWeights weights = new SafetensorsWeights(SafetensorsFile.open(path));
    VitLayout layout = layout(weights);
    if (layout.family().isOfTexts()) {
      throw new FileException(
          ("%s is a CLIP or SigLIP, whose tensors do not tell the number of attention heads; name a folder"
                  + " that has its %s as well")
              .formatted(path, configName(layout)));
    }
    SortedMap<String, Path> files = new TreeMap<>();
    files.put(path.getFileName().toString(), path);
    return new VitFile(weights, layout.infer(weights, Optional.empty()), files);
  }

  private static VitFile folder(Path folder) {
    String base = base(folder);
    SafetensorsWeights weights = new SafetensorsWeights(TensorSource.open(folder, base));
    VitLayout layout = layout(weights);
    Path config = folder.resolve(configName(layout));
    SortedMap<String, Path> files = new TreeMap<>();
    for (String name : TensorSource.files(folder, base)) {
      files.put(name, folder.resolve(name));
    }
    files.put(config.getFileName().toString(), config);
    Path preprocessor = folder.resolve(PREPROCESSOR);
    if (Files.exists(preprocessor)) {
      files.put(PREPROCESSOR, preprocessor);
      VitConfigs.requireColours(preprocessor, layout);
    }
    return new VitFile(weights, VitConfigs.read(config, layout, weights), files);
  }

  /** Base name of the weight files in a folder. */
  private static String base(Path folder) {
    for (String base : OPEN_CLIP_BASES) {
      if (!TensorSource.files(folder, base).isEmpty()) {
        return base;
      }
    }
    return BASE;
  }

  private static VitLayout layout(SafetensorsWeights weights) {
    if (weights.contains(META_DINOV3)) {
      throw new FileException(
          ("%s is a DINOv3 under the names of Meta's own program (\"%s\"), which are not read; take"
                  + " the same network as transformers has it (facebook/dinov3-vits16-pretrain-lvd1689m,"
                  + " vitb16 or vitl16 on Hugging Face) or timm (timm/vit_small_patch16_dinov3.lvd1689m,"
                  + " base or large)")
              .formatted(weights.origin(), META_DINOV3));
    }
    return VitLayout.of(weights)
        .orElseThrow(
            () ->
                new FileException(
                    ("%s is no Vision Transformer that is known here (DINOv2, DINOv3, CLIP or SigLIP, as Meta, timm,"
                            + " transformers or open_clip name their tensors); its first tensors are"
                            + " %s")
                        .formatted(
                            weights.origin(),
                            weights.tensors().names().stream().limit(3).toList())));
  }

  private void requireShapes() {
    Map<String, long[]> shapes = config.shapes();
    shapes.forEach((name, shape) -> WeightSource.requireShape(weights, name, shape));
    List<String> unused =
        weights.tensors().names().stream()
            .filter(name -> !shapes.containsKey(name) && !name.matches(config.layout().spare()))
            .toList();
    if (!unused.isEmpty()) {
      throw new FileException(
          "%s holds %d tensor(s) that a network of its configuration has no place for, such as \"%s\" of shape %s; take weights and configuration from one model"
              .formatted(
                  weights.origin(),
                  unused.size(),
                  unused.get(0),
                  Arrays.toString(weights.shape(unused.get(0)))));
    }
  }

  /**
   * The network for images of a size. Its weights are shared by all users in this process.
   *
   * @param scope keeps them in memory
   * @param pixels rows and columns of the images, a multiple of the patch
   */
  public VisionTransformer load(NDManager scope, int pixels) {
    return load(scope, pixels, config.depth());
  }

  /** The same with only the first {@code depth} blocks, without a final norm. */
  VisionTransformer load(NDManager scope, int pixels, int depth) {
    config.requireWhole(weights.origin(), pixels);
    return new VisionTransformer(scope, config, shared(scope), weights.origin(), pixels, depth);
  }

  /**
   * All weights, shared by all users in this process and read-only.
   *
   * @param scope keeps them in memory
   */
  Parameters shared(NDManager scope) {
    return SharedWeights.of(
        scope,
        WeightsKey.of(files.values(), weights.storedFrom(), weights.storage(), config),
        all -> VisionTransformer.load(all, config, weights));
  }

  /** Fails at the first value that is not finite; reads all weights. */
  public void requireFinite() {
    config.shapes().keySet().forEach(weights::requireFinite);
  }

  /** Name of its configuration file in a folder. */
  String configName() {
    return configName(config.layout());
  }

  private static String configName(VitLayout layout) {
    return layout == VitLayout.OPEN_CLIP ? OPEN_CLIP_CONFIG : CONFIG;
  }
}
