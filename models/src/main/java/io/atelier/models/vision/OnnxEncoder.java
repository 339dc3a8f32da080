package io.atelier.models.vision;

import io.atelier.models.files.Sha256;
import io.atelier.models.state.NamedTensors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An encoder run by onnxruntime on the CPU, about ten times faster there than eager tensors. An
 * image's features do not depend on the rest of the batch, its size or the number of threads.
 */
public final class OnnxEncoder implements Encoder {

  /** The outputs that an encoder exposes. */
  private record Outputs(List<String> vectors, List<String> maps) {}

  /** Outputs (n, C) of the embedded encoders. */
  public static final List<String> VECTORS = List.of("pool");

  /**
   * Outputs (n, C, h, w) of the embedded encoders, without the last one, which pool is computed
   * from.
   */
  public static final List<String> MAPS = List.of("low", "mid");

  private static final Optional<Outputs> EMBEDDED = Optional.of(new Outputs(VECTORS, MAPS));

  /** Factor by which an embedded encoder reduces an image. */
  private static final int EMBEDDED_STRIDE = 32;

  /** Hashes of the embedded files by name, cached since a run opens each several times. */
  private static final Map<String, String> HASHES = new ConcurrentHashMap<>();

  private final String id;
  private final Preprocess preprocess;
  private final int batch;
  private final OnnxNetwork network;
  private final List<String> vectors;
  private final List<String> maps;

  private OnnxEncoder(
      String id, Preprocess preprocess, int batch, OnnxNetwork network, Optional<Outputs> outputs) {
    this.id = id;
    this.preprocess = preprocess;
    this.batch = batch;
    this.network = network;
    this.vectors = outputs.isPresent() ? outputs.get().vectors() : network.outputs(2);
    this.maps = outputs.isPresent() ? outputs.get().maps() : network.outputs(4);
  }

  /** Rejects a size that embedded encoders cannot halve five times. */
  public static EncoderConfig embeddable(EncoderConfig config) {
    if (config.pixels() % EMBEDDED_STRIDE != 0) {
      throw new IllegalArgumentException(
          "encoder-pixels %d must be a multiple of %d for an embedded encoder"
              .formatted(config.pixels(), EMBEDDED_STRIDE));
    }
    return config;
  }

  /**
   * EfficientNet-Lite0, ImageNet, for rewards. Outputs at P input pixels: {@code low} (n, 40, P/8,
   * P/8), {@code mid} (n, 112, P/16, P/16), {@code pool} (n, 1280).
   */
  public static OnnxEncoder lite0(EncoderConfig config) {
    Preprocess preprocess = Preprocess.signed(config.pixels(), config.filter());
    return embedded("efficientnet-lite0", "lite0-f16.onnx", preprocess, config);
  }

  /**
   * MobileNetV2, ImageNet, for held-out metrics only. Outputs at P input pixels: {@code low} (n,
   * 32, P/8, P/8), {@code mid} (n, 96, P/16, P/16), {@code pool} (n, 1280).
   */
  public static OnnxEncoder mobileNetV2(EncoderConfig config) {
    Preprocess preprocess = Preprocess.imagenet(config.pixels(), config.filter());
    return embedded("mobilenet-v2", "mbv2-f16.onnx", preprocess, config);
  }

  private static OnnxEncoder embedded(
      String name, String file, Preprocess preprocess, EncoderConfig config) {
    byte[] model = embedded(file);
    String hash = HASHES.computeIfAbsent(file, key -> Sha256.of(model));
    return open(name, model, hash, preprocess, embeddable(config), EMBEDDED);
  }

  private static byte[] embedded(String file) {
    String path = "/io/atelier/models/assets/" + file;
    try (InputStream in = OnnxEncoder.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException(path + " is not on the class path; rebuild the project");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path, e);
    }
  }

  /**
   * Opens any network with one float32 input (n, 3, h, w) and float32 outputs.
   *
   * @param name name for the encoder's id
   * @param model an ONNX file
   * @param preprocess preprocessing of images; its size is used, not {@code config.pixels()}
   */
  public static OnnxEncoder open(
      String name, byte[] model, Preprocess preprocess, EncoderConfig config) {
    return open(name, model, Sha256.of(model), preprocess, config, Optional.empty());
  }

  private static OnnxEncoder open(
      String name,
      byte[] model,
      String hash,
      Preprocess preprocess,
      EncoderConfig config,
      Optional<Outputs> outputs) {
    OnnxNetwork network = OnnxNetwork.open("encoder " + name, model, config.threads());
    String id =
        "%s-%s@%d-%s"
            .formatted(
                name,
                hash.substring(0, 8),
                preprocess.size(),
                preprocess.filter().name().toLowerCase(Locale.ROOT));
    return new OnnxEncoder(id, preprocess, config.batch(), network, outputs);
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public List<String> vectors() {
    return vectors;
  }

  @Override
  public List<String> maps() {
    return maps;
  }

  @Override
  public Map<String, Feature> encode(Images images) {
    List<Map<String, Feature>> parts = new ArrayList<>();
    for (int from = 0; from < images.count(); from += batch) {
      int to = Math.min(images.count(), from + batch);
      parts.add(run(preprocess.apply(images.slice(from, to))));
    }
    Map<String, Feature> joined = new TreeMap<>();
    for (String name : parts.get(0).keySet()) {
      joined.put(name, join(images.count(), parts.stream().map(p -> p.get(name)).toList()));
    }
    return joined;
  }

  /** Features of preprocessed pixels, in one batch. */
  Map<String, Feature> run(Pixels pixels) {
    return network.run(pixels);
  }

  private static Feature join(int count, List<Feature> parts) {
    long[] shape = parts.get(0).shape().clone();
    shape[0] = count;
    float[] values = new float[NamedTensors.elements(shape)];
    int at = 0;
    for (Feature part : parts) {
      System.arraycopy(part.values(), 0, values, at, part.values().length);
      at += part.values().length;
    }
    return new Feature(shape, values);
  }

  @Override
  public void close() {
    network.close();
  }
}
