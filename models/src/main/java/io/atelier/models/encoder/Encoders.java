package io.atelier.models.encoder;

import io.atelier.models.files.FileException;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.OnnxEncoder;
import io.atelier.models.vision.Preprocess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the encoder that a configuration names. */
public final class Encoders {

  /** Name of the embedded encoder that rewards use by default. */
  public static final String LITE0 = "efficientnet-lite0";

  /** Name of the embedded encoder that measures use by default. */
  public static final String MOBILE_NET = "mobilenet-v2";

  private static final Logger LOG = LoggerFactory.getLogger(Encoders.class);

  private Encoders() {}

  /** How the colours of an image become what an encoder reads. */
  public enum Colours {
    /** As this encoder was trained; an ONNX file does not tell. */
    OWN,
    /** ImageNet mean and deviation. */
    IMAGENET,
    /** CLIP mean and deviation. */
    CLIP,
    /** -1..1. */
    SIGNED
  }

  /**
   * An encoder that was found and looked at.
   *
   * @param id name, content and size
   * @param vectors its outputs (n, C)
   * @param maps its outputs (n, C, h, w)
   * @param open makes it, on the thread that will own it
   */
  public record Found(String id, List<String> vectors, List<String> maps, Supplier<Encoder> open) {}

  /**
   * Finds an encoder and holds it against what is asked for.
   *
   * @param name {@link #LITE0}, {@link #MOBILE_NET}, an ONNX file, or a safetensors file or folder
   *     of a Vision Transformer
   * @throws IllegalArgumentException saying in one line what does not exist or does not fit
   */
  public static Found find(String name, EncoderConfig config, Colours colours) {
    Path path = Path.of(name);
    boolean embedded = name.equals(LITE0) || name.equals(MOBILE_NET);
    boolean onnx = name.endsWith(".onnx");
    if (!onnx && colours != Colours.OWN) {
      throw new IllegalArgumentException(
          "encoder-colours is %s, but %s has its own; only an ONNX file needs to be told"
              .formatted(colours.name().toLowerCase(java.util.Locale.ROOT), name));
    }
    if (embedded) {
      return found(
          () -> name.equals(LITE0) ? OnnxEncoder.lite0(config) : OnnxEncoder.mobileNetV2(config));
    }
    if (Files.notExists(path)) {
      throw new FileException(
          ("encoder %s does not exist; name %s, %s, an ONNX file, or a safetensors file or folder of"
                  + " a DINOv2 or CLIP")
              .formatted(name, LITE0, MOBILE_NET));
    }
    return onnx ? onnx(path, config, colours) : transformer(path, config);
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
      model = Files.readAllBytes(path);
    } catch (IOException e) {
      throw new FileException(
          "%s cannot be read: %s".formatted(path, io.atelier.models.files.Contents.reason(e)), e);
    }
    String name = path.getFileName().toString().replaceFirst("\\.onnx$", "");
    return found(() -> OnnxEncoder.open(name, model, preprocess, config));
  }

  private static Found found(Supplier<Encoder> open) {
    try (Encoder encoder = open.get()) {
      return new Found(encoder.id(), encoder.vectors(), encoder.maps(), open);
    }
  }

  private static Found transformer(Path path, EncoderConfig config) {
    VitFile file = VitFile.open(path);
    file.config().requireWhole(path.toString(), config.pixels());
    file.requireFinite();
    String id;
    try {
      id =
          "%s-%s@%d-bicubic"
              .formatted(path.getFileName(), file.hash(LOG::info).substring(0, 8), config.pixels());
    } catch (UncheckedIOException e) {
      throw new FileException(e.getCause().getMessage(), e);
    }
    return new Found(
        id,
        List.of(VitEncoder.CLASS),
        List.of(VitEncoder.PATCHES),
        () -> new VitEncoder(id, file.layout(), file.config(), file.weights(), config));
  }
}
