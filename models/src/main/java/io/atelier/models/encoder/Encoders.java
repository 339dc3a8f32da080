package io.atelier.models.encoder;

import io.atelier.models.cache.CacheFolder;
import io.atelier.models.files.Contents;
import io.atelier.models.files.FileException;
import io.atelier.models.files.FileHashes;
import io.atelier.models.files.LongWork;
import io.atelier.models.files.Sha256;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.OnnxEncoder;
import io.atelier.models.vision.Preprocess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the encoder that a configuration names. */
public final class Encoders {

  /** Name of the embedded encoder that rewards use by default. */
  public static final String LITE0 = "efficientnet-lite0";

  /** Name of the embedded encoder that measures use by default. */
  public static final String MOBILE_NET = "mobilenet-v2";

  /** Name of the autoencoder of the trained model; it can only be opened with that model. */
  public static final String VAE = "vae";

  /** Name of its velocity network before training, likewise. */
  public static final String BASE = "base";

  private static final Logger LOG = LoggerFactory.getLogger(Encoders.class);

  private Encoders() {}

  /** How the colours of an image are normalised for an encoder. */
  public enum Colours {
    /** As in training of this encoder; an ONNX file does not say. */
    OWN,
    /** ImageNet mean and standard deviation. */
    IMAGENET,
    /** CLIP mean and standard deviation. */
    CLIP,
    /** -1..1. */
    SIGNED
  }

  /**
   * An encoder that was found and inspected.
   *
   * @param vectors its outputs (n, C)
   * @param maps its outputs (n, C, h, w), optional ones included
   * @param channels C of each output, by name; may have to run the encoder
   * @param weights hashes of its weight files, or the name of an embedded one: two encoders that
   *     share one are the same network
   * @param open creates it, on the thread that will own it
   */
  public record Found(
      List<String> vectors,
      List<String> maps,
      Supplier<Map<String, Integer>> channels,
      Set<String> weights,
      Supplier<Encoder> open) {}

  /** Whether {@code name} is neither a file nor a folder. */
  public static boolean isName(String name) {
    return isEmbedded(name) || isOfModel(name);
  }

  /** Whether {@code name} is a part of the trained model. */
  public static boolean isOfModel(String name) {
    return name.equals(VAE) || name.equals(BASE);
  }

  public static boolean isEmbedded(String name) {
    return name.equals(LITE0) || name.equals(MOBILE_NET);
  }

  /**
   * The files of an encoder that is not embedded, by name.
   *
   * @throws IllegalArgumentException if it cannot be read
   */
  public static SortedMap<String, Path> files(Path path) {
    if (!isOnnx(path.toString())) {
      return VitFile.open(path).files();
    }
    SortedMap<String, Path> file = new TreeMap<>();
    file.put(path.getFileName().toString(), path);
    return file;
  }

  private static boolean isOnnx(String name) {
    return name.endsWith(".onnx");
  }

  /**
   * Finds an encoder and checks it against the configuration.
   *
   * @param name {@link #LITE0}, {@link #MOBILE_NET}, an ONNX file, or a safetensors file or folder
   *     of a Vision Transformer
   * @throws IllegalArgumentException with one line that says what does not exist or does not fit
   */
  public static Found find(String name, EncoderConfig config, Colours colours) {
    if (!isOnnx(name) && colours != Colours.OWN) {
      throw new IllegalArgumentException(
          "encoder-colours is %s, but %s has its own; only an ONNX file needs to be told"
              .formatted(colours.name().toLowerCase(Locale.ROOT), name));
    }
    if (isOfModel(name)) {
      throw new IllegalArgumentException(
          "encoder is %s, a part of the model, which only a discriminator can use; name %s, %s, a file or a folder"
              .formatted(name, LITE0, MOBILE_NET));
    }
    if (isEmbedded(name)) {
      OnnxEncoder.embeddable(config);
      Supplier<Encoder> open =
          () -> name.equals(LITE0) ? OnnxEncoder.lite0(config) : OnnxEncoder.mobileNetV2(config);
      return new Found(
          OnnxEncoder.VECTORS,
          OnnxEncoder.MAPS,
          () -> {
            try (Encoder encoder = open.get()) {
              return channels(encoder, config.pixels());
            }
          },
          Set.of(name),
          open);
    }
    Path path = Path.of(name);
    if (Files.notExists(path)) {
      throw new FileException(
          ("encoder %s does not exist; name %s, %s, an ONNX file, or a safetensors file or folder of"
                  + " a DINOv2, DINOv3, CLIP or SigLIP")
              .formatted(name, LITE0, MOBILE_NET));
    }
    return isOnnx(name) ? onnx(path, config, colours) : transformer(path, config);
  }

  private static Found onnx(Path path, EncoderConfig config, Colours colours) {
    int pixels = config.pixels();
    Preprocess preprocess =
        switch (colours) {
          case IMAGENET -> Preprocess.imagenet(pixels, config.filter());
          case SIGNED -> Preprocess.signed(pixels, config.filter());
          case CLIP -> Preprocess.clip(pixels);
          case OWN ->
              throw new IllegalArgumentException(
                  ("encoder-colours is own, but %s does not tell what it was trained with; set it to"
                          + " imagenet, clip or signed")
                      .formatted(path));
        };
    byte[] model;
    try {
      Contents.requireNoPipe(path);
      model = Files.readAllBytes(path);
    } catch (IOException e) {
      throw new FileException("%s cannot be read: %s".formatted(path, Contents.reason(e)), e);
    }
    String name = path.getFileName().toString().replaceFirst("\\.onnx$", "");
    Supplier<Encoder> open = () -> OnnxEncoder.open(name, model, preprocess, config);
    try (Encoder encoder = open.get()) {
      Map<String, Integer> channels = channels(encoder, pixels);
      return new Found(
          encoder.vectors(), encoder.maps(), () -> channels, hashes(files(path)), open);
    } catch (IllegalStateException e) {
      throw new FileException(e.getMessage(), e);
    }
  }

  /** Encodes a black image. */
  private static Map<String, Integer> channels(Encoder encoder, int pixels) {
    Images black = new Images(1, pixels, pixels, new byte[Images.bytes(1, pixels, pixels)]);
    Map<String, Integer> channels = new TreeMap<>();
    encoder
        .encode(black)
        .forEach((output, feature) -> channels.put(output, (int) feature.shape()[1]));
    return channels;
  }

  private static Found transformer(Path path, EncoderConfig config) {
    VitFile file = VitFile.open(path);
    file.config().requireWhole(path.toString(), config.pixels());
    file.requireFinite();
    Set<String> all = hashes(file.files());
    String id =
        "%s-%s@%d-bicubic"
            .formatted(
                path.getFileName(), Sha256.of(all.toString()).substring(0, 8), config.pixels());
    String vector = file.config().vector();
    List<String> maps = VitEncoder.maps(file.config().depth());
    Map<String, Integer> channels = new TreeMap<>();
    channels.put(vector, file.config().width());
    maps.forEach(map -> channels.put(map, file.config().width()));
    return new Found(
        List.of(vector),
        maps,
        () -> channels,
        weights(file.files()),
        () -> new VitEncoder(id, file, config));
  }

  /** Hashes of the weight files among {@code files}: two networks that share one are the same. */
  public static Set<String> weights(SortedMap<String, Path> files) {
    SortedMap<String, Path> weights = new TreeMap<>(files);
    weights.keySet().removeIf(name -> !name.endsWith(".safetensors"));
    return hashes(weights);
  }

  private static Set<String> hashes(SortedMap<String, Path> files) {
    try {
      FileHashes hashes =
          FileHashes.cached(CacheFolder.get(), line -> LOG.info(LongWork.SHOWN, line));
      return new TreeSet<>(hashes.of(files).values());
    } catch (IOException e) {
      throw new FileException(e.getMessage(), e);
    }
  }
}
