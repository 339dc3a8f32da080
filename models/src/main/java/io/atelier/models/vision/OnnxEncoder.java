package io.atelier.models.vision;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.TensorInfo;
import io.atelier.models.state.NamedTensors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An encoder that onnxruntime runs on the CPU, there about ten times faster than eager tensors.
 * Features of an image do not depend on the images beside it, on the batch size or on the number of
 * threads.
 */
public final class OnnxEncoder implements Encoder {

  /** Those of its outputs that an encoder names. */
  private record Outputs(List<String> vectors, List<String> maps) {}

  /** Outputs (n, C) of the embedded encoders. */
  public static final List<String> VECTORS = List.of("pool");

  /** Outputs (n, C, h, w) of the embedded encoders, without a last one, from which pool comes. */
  public static final List<String> MAPS = List.of("low", "mid");

  private static final Optional<Outputs> EMBEDDED = Optional.of(new Outputs(VECTORS, MAPS));

  /** By how much an embedded encoder reduces an image. */
  private static final int EMBEDDED_STRIDE = 32;

  private final String id;
  private final Preprocess preprocess;
  private final int batch;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final String input;
  private final List<String> vectors;
  private final List<String> maps;

  private OnnxEncoder(
      String id,
      Preprocess preprocess,
      int batch,
      OrtEnvironment environment,
      OrtSession session,
      Optional<Outputs> outputs)
      throws OrtException {
    this.id = id;
    this.preprocess = preprocess;
    this.batch = batch;
    this.environment = environment;
    this.session = session;
    this.input = session.getInputNames().iterator().next();
    this.vectors = outputs.isPresent() ? outputs.get().vectors() : outputs(session, 2);
    this.maps = outputs.isPresent() ? outputs.get().maps() : outputs(session, 4);
  }

  /** Outputs of so many dimensions, in the network's order. */
  private static List<String> outputs(OrtSession session, int dimensions) throws OrtException {
    return session.getOutputInfo().values().stream()
        .filter(
            output ->
                output.getInfo() instanceof TensorInfo info && info.getShape().length == dimensions)
        .map(NodeInfo::getName)
        .toList();
  }

  /** Refuses a size that embedded encoders cannot halve five times. */
  public static EncoderConfig embeddable(EncoderConfig config) {
    if (config.pixels() % EMBEDDED_STRIDE != 0) {
      throw new IllegalArgumentException(
          "encoder-pixels %d must be a multiple of %d for an embedded encoder"
              .formatted(config.pixels(), EMBEDDED_STRIDE));
    }
    return config;
  }

  /**
   * EfficientNet-Lite0, ImageNet, as the reward sees images. Outputs at P input pixels: {@code low}
   * (n, 40, P/8, P/8), {@code mid} (n, 112, P/16, P/16), {@code pool} (n, 1280).
   */
  public static OnnxEncoder lite0(EncoderConfig config) {
    Preprocess preprocess = Preprocess.signed(config.pixels(), config.filter());
    return open(
        "efficientnet-lite0", embedded("lite0-f16.onnx"), preprocess, embeddable(config), EMBEDDED);
  }

  /**
   * MobileNetV2, ImageNet, for held-out metrics only. Outputs at P input pixels: {@code low} (n,
   * 32, P/8, P/8), {@code mid} (n, 96, P/16, P/16), {@code pool} (n, 1280).
   */
  public static OnnxEncoder mobileNetV2(EncoderConfig config) {
    Preprocess preprocess = Preprocess.imagenet(config.pixels(), config.filter());
    return open(
        "mobilenet-v2", embedded("mbv2-f16.onnx"), preprocess, embeddable(config), EMBEDDED);
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
   * @param preprocess what happens to images before; its size counts, not {@code config.pixels()}
   */
  public static OnnxEncoder open(
      String name, byte[] model, Preprocess preprocess, EncoderConfig config) {
    return open(name, model, preprocess, config, Optional.empty());
  }

  private static OnnxEncoder open(
      String name,
      byte[] model,
      Preprocess preprocess,
      EncoderConfig config,
      Optional<Outputs> outputs) {
    OnnxLibrary.unpack();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (SessionOptions options = new SessionOptions()) {
      options.setIntraOpNumThreads(config.threads());
      options.setInterOpNumThreads(1);
      options.setDeterministicCompute(true);
      // Spinning workers take a core from the learner between calls.
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      String id =
          "%s-%s@%d-%s"
              .formatted(
                  name,
                  sha256(model).substring(0, 8),
                  preprocess.size(),
                  preprocess.filter().name().toLowerCase(Locale.ROOT));
      OrtSession session = environment.createSession(model, options);
      return new OnnxEncoder(id, preprocess, config.batch(), environment, session, outputs);
    } catch (OrtException e) {
      throw new IllegalArgumentException(
          "encoder %s cannot be opened as an ONNX network: %s".formatted(name, e.getMessage()), e);
    }
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

  /** Features of pixels that are already preprocessed, in one batch. */
  Map<String, Feature> run(Pixels pixels) {
    long[] shape = {pixels.count(), 3, pixels.height(), pixels.width()};
    try (OnnxTensor tensor =
            OnnxTensor.createTensor(environment, FloatBuffer.wrap(pixels.values()), shape);
        OrtSession.Result result = session.run(Map.of(input, tensor))) {
      Map<String, Feature> features = new TreeMap<>();
      for (Map.Entry<String, OnnxValue> entry : result) {
        OnnxTensor output = (OnnxTensor) entry.getValue();
        FloatBuffer buffer = output.getFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        features.put(entry.getKey(), new Feature(output.getInfo().getShape(), values));
      }
      return features;
    } catch (OrtException e) {
      throw new IllegalStateException(
          "encoder %s failed on images of %s: %s"
              .formatted(id, Arrays.toString(shape), e.getMessage()),
          e);
    }
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

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("encoder %s cannot be closed".formatted(id), e);
    }
  }
}
