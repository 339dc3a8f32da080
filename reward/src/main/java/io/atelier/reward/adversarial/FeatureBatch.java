package io.atelier.reward.adversarial;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.vision.Encoder.Feature;
import io.atelier.models.vision.MapStatistics;
import io.atelier.reward.GroupFeatures;
import io.atelier.rollout.noise.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;

/**
 * Inputs of the discriminator for a batch of images, before normalisation.
 *
 * @param count number of images n
 * @param views {@code global} (n, D) and, for each map, {@code local.<map>} (n, places, channels),
 *     of all places or the {@link #kept} ones; {@code prior} (n, 1), raw scores of the prior, if
 *     there is one
 * @param condition the prompt vector of each image, n of them; empty if the head does not see
 *     prompts
 */
public record FeatureBatch(int count, NamedTensors views, float[][] condition) {

  static final String GLOBAL = "global";
  static final String LOCAL = "local.";
  static final String PRIOR = "prior";

  public FeatureBatch {
    if (condition.length != 0 && condition.length != count) {
      throw new IllegalArgumentException(
          "%d images but %d prompt vectors".formatted(count, condition.length));
    }
    views
        .asMap()
        .forEach(
            (name, view) -> {
              if (view.shape()[0] != count) {
                throw new IllegalArgumentException(
                    "features \"%s\" are of %d images, not %d"
                        .formatted(name, view.shape()[0], count));
              }
            });
  }

  /** Returns the number of images of a group whose features are views. */
  static int count(GroupFeatures group) {
    return (int) group.features().get(GLOBAL).shape()[0];
  }

  /** Returns the views with a prior's scores of the same images added. */
  static NamedTensors withPrior(NamedTensors views, Tensor prior) {
    return views.with(new NamedTensors(Map.of(PRIOR, prior)));
  }

  /** Converts an encoder's outputs to the views of {@code config}. */
  public static NamedTensors views(DiscriminatorConfig config, Map<String, Feature> outputs) {
    List<Feature> parts = new ArrayList<>();
    for (String name : config.vectors()) {
      parts.add(output(outputs, name, 2));
    }
    for (String name : config.statistics()) {
      parts.add(MapStatistics.meanStd(output(outputs, name, 4)));
    }
    SortedMap<String, Tensor> views = new TreeMap<>();
    views.put(GLOBAL, beside(parts));
    for (String name : config.maps()) {
      views.put(LOCAL + name, channelsLast(output(outputs, name, 4)));
    }
    return new NamedTensors(views);
  }

  /**
   * Keeps at most {@code most} places of each map of an image, in order, drawn without replacement.
   *
   * @param random a separate stream for each image; not called if all places are kept
   */
  static NamedTensors kept(NamedTensors views, int most, IntFunction<RandomStream> random) {
    SortedMap<String, Tensor> kept = new TreeMap<>(views.asMap());
    Map<Integer, RandomStream> streams = new HashMap<>();
    for (String name : views.names()) {
      Tensor view = views.get(name);
      if (view.shape().length < 3 || view.shape()[1] <= most) {
        continue;
      }
      int count = (int) view.shape()[0];
      int all = (int) view.shape()[1];
      int width = (int) view.shape()[2];
      float[] values = new float[NamedTensors.elements(count, most, width)];
      for (int n = 0; n < count; n++) {
        RandomStream stream = streams.computeIfAbsent(n, random::apply);
        int[] places = Arrays.copyOf(stream.permutation(all), most);
        Arrays.sort(places);
        for (int k = 0; k < most; k++) {
          int from = (n * all + places[k]) * width;
          System.arraycopy(view.values(), from, values, (n * most + k) * width, width);
        }
      }
      kept.put(name, new Tensor(new long[] {count, most, width}, values));
    }
    return new NamedTensors(kept);
  }

  private static Feature output(Map<String, Feature> outputs, String name, int rank) {
    Feature feature = outputs.get(name);
    if (feature == null || feature.shape().length != rank) {
      throw new IllegalArgumentException(
          "the discriminator needs encoder output \"%s\" with %d dimensions; the encoder has %s"
              .formatted(name, rank, describe(outputs)));
    }
    return feature;
  }

  private static String describe(Map<String, Feature> outputs) {
    SortedMap<String, String> shapes = new TreeMap<>();
    outputs.forEach((name, feature) -> shapes.put(name, Arrays.toString(feature.shape())));
    return shapes.toString();
  }

  private static Tensor beside(List<Feature> parts) {
    int count = (int) parts.get(0).shape()[0];
    int width = parts.stream().mapToInt(p -> p.values().length / count).sum();
    float[] values = new float[NamedTensors.elements(count, width)];
    int column = 0;
    for (Feature part : parts) {
      int own = part.values().length / count;
      for (int n = 0; n < count; n++) {
        System.arraycopy(part.values(), n * own, values, n * width + column, own);
      }
      column += own;
    }
    return new Tensor(new long[] {count, width}, values);
  }

  private static Tensor channelsLast(Feature map) {
    int count = (int) map.shape()[0];
    int channels = (int) map.shape()[1];
    int places = (int) (map.shape()[2] * map.shape()[3]);
    float[] values = new float[map.values().length];
    for (int n = 0; n < count; n++) {
      for (int c = 0; c < channels; c++) {
        int from = (n * channels + c) * places;
        for (int p = 0; p < places; p++) {
          values[(n * places + p) * channels + c] = map.values()[from + p];
        }
      }
    }
    return new Tensor(new long[] {count, places, channels}, values);
  }

  /** Concatenates {@code batches}. */
  public static FeatureBatch concat(List<FeatureBatch> batches) {
    if (batches.size() == 1) {
      return batches.get(0);
    }
    int count = batches.stream().mapToInt(FeatureBatch::count).sum();
    SortedMap<String, Tensor> views = new TreeMap<>();
    for (String name : batches.get(0).views.names()) {
      long[] shape = batches.get(0).views.get(name).shape().clone();
      shape[0] = count;
      float[] values = new float[NamedTensors.elements(shape)];
      int at = 0;
      for (FeatureBatch batch : batches) {
        float[] part = batch.views.get(name).values();
        System.arraycopy(part, 0, values, at, part.length);
        at += part.length;
      }
      views.put(name, new Tensor(shape, values));
    }
    float[][] condition =
        batches.stream().flatMap(b -> Arrays.stream(b.condition)).toArray(float[][]::new);
    return new FeatureBatch(count, new NamedTensors(views), condition);
  }

  /** Returns the images at {@code indices}, in that order. */
  public FeatureBatch select(int[] indices) {
    SortedMap<String, Tensor> chosen = new TreeMap<>();
    views
        .asMap()
        .forEach(
            (name, view) -> {
              int stride = view.values().length / count;
              float[] values = new float[NamedTensors.elements(indices.length, stride)];
              for (int i = 0; i < indices.length; i++) {
                System.arraycopy(view.values(), indices[i] * stride, values, i * stride, stride);
              }
              long[] shape = view.shape().clone();
              shape[0] = indices.length;
              chosen.put(name, new Tensor(shape, values));
            });
    float[][] vectors =
        condition.length == 0
            ? condition
            : Arrays.stream(indices).mapToObj(i -> condition[i]).toArray(float[][]::new);
    return new FeatureBatch(indices.length, new NamedTensors(chosen), vectors);
  }
}
