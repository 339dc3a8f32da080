package io.atelier.models.vision;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.TensorInfo;
import io.atelier.models.vision.Encoder.Feature;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A network run by onnxruntime on the CPU, with one float32 input (n, 3, h, w) and float32 outputs.
 * The outputs for an image do not depend on the rest of the batch or the number of threads. Not
 * thread-safe: one compute thread owns it.
 */
public final class OnnxNetwork implements AutoCloseable {

  private final String name;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final String input;

  private OnnxNetwork(String name, OrtEnvironment environment, OrtSession session) {
    this.name = name;
    this.environment = environment;
    this.session = session;
    this.input = session.getInputNames().iterator().next();
  }

  /**
   * Opens a network.
   *
   * @param name name for messages
   * @param model an ONNX file
   * @param threads threads within one operation, at least 1
   * @throws IllegalArgumentException if it is not an ONNX file
   */
  public static OnnxNetwork open(String name, byte[] model, int threads) {
    OnnxLibrary.unpack();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (SessionOptions options = new SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setDeterministicCompute(true);
      // Spinning workers take a core from the learner between calls.
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      return new OnnxNetwork(name, environment, environment.createSession(model, options));
    } catch (OrtException e) {
      throw new IllegalArgumentException(
          "%s cannot be opened as an ONNX network: %s".formatted(name, e.getMessage()), e);
    }
  }

  /** Names of the outputs with this number of dimensions, in the network's order. */
  List<String> outputs(int dimensions) {
    try {
      return session.getOutputInfo().values().stream()
          .filter(
              output ->
                  output.getInfo() instanceof TensorInfo info
                      && info.getShape().length == dimensions)
          .map(NodeInfo::getName)
          .toList();
    } catch (OrtException e) {
      throw new IllegalStateException("%s does not name its outputs".formatted(name), e);
    }
  }

  /** All outputs by name, for preprocessed pixels in one batch. */
  public Map<String, Feature> run(Pixels pixels) {
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
          "%s failed on images of %s: %s".formatted(name, Arrays.toString(shape), e.getMessage()),
          e);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("%s cannot be closed".formatted(name), e);
    }
  }
}
