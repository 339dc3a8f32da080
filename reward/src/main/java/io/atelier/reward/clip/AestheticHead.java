package io.atelier.reward.clip;

import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.tensor.SafetensorsWeights;
import io.atelier.models.tensor.WeightSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Predictor of people's ratings of the look of an image (LAION aesthetic predictor v2): a stack of
 * linear layers, without activations in between, on a CLIP unit vector.
 */
public final class AestheticHead {

  /** Indices of the linear layers; the other layers are used in training only. */
  private static final int[] LAYERS = {0, 2, 4, 6, 7};

  /**
   * @param weight (out, in)
   * @param bias (out)
   */
  private record Linear(int in, int out, float[] weight, float[] bias) {}

  private final List<Linear> layers = new ArrayList<>();

  /**
   * Reads a safetensors file with {@code layers.0.weight} and so on.
   *
   * @param width channels of the CLIP vector
   * @throws IllegalArgumentException naming the tensor that is missing or does not fit
   */
  public AestheticHead(Path file, int width) {
    SafetensorsWeights source = new SafetensorsWeights(SafetensorsFile.open(file));
    int in = width;
    for (int layer : LAYERS) {
      String name = "layers." + layer + ".";
      int last = LAYERS[LAYERS.length - 1];
      int out =
          layer == last || !source.contains(name + "bias")
              ? 1
              : (int) source.shape(name + "bias")[0];
      WeightSource.requireShape(source, name + "weight", new long[] {out, in});
      WeightSource.requireShape(source, name + "bias", new long[] {out});
      layers.add(
          new Linear(in, out, finite(source, name + "weight"), finite(source, name + "bias")));
      in = out;
    }
  }

  private static float[] finite(SafetensorsWeights source, String name) {
    source.requireFinite(name);
    return source.tensors().floats(name);
  }

  /** Returns the rating, about 1 to 10, of the vector that begins at {@code from}. */
  double rating(float[] vectors, int from) {
    int width = layers.get(0).in();
    double norm = Vectors.norm(vectors, from, width);
    float[] x = new float[width];
    for (int i = 0; i < width; i++) {
      x[i] = (float) (vectors[from + i] / norm);
    }
    for (Linear layer : layers) {
      float[] y = new float[layer.out()];
      for (int row = 0; row < y.length; row++) {
        y[row] =
            (float)
                (Vectors.dot(layer.weight(), row * layer.in(), x, 0, layer.in())
                    + layer.bias()[row]);
      }
      x = y;
    }
    return x[0];
  }
}
