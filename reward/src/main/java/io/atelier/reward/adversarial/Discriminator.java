package io.atelier.reward.adversarial;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.PlaceGrid;
import io.atelier.rollout.noise.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Tells reference images from generated ones by frozen features: a positive logit says reference.
 * One head judges each image as a whole and place by place. Not thread-safe: one compute thread
 * owns it.
 *
 * <p>Source: Adv-GRPO (arXiv 2511.20256, section 3), with the options of {@link
 * DiscriminatorConfig}.
 */
public final class Discriminator implements AutoCloseable {

  private static final String SHARED = "shared";
  private static final String STATISTICS = "statistics.";
  private static final double EPSILON = 1e-6;
  private static final float LARGEST = 10;

  private final DiscriminatorConfig config;
  private final SortedMap<String, Tensor> statistics;
  private final Optional<PriorTerm> prior;
  private final Head head;

  private Discriminator(
      DiscriminatorConfig config,
      SortedMap<String, Tensor> statistics,
      Optional<PriorTerm> prior,
      Head head) {
    this.config = config;
    this.statistics = statistics;
    this.prior = prior;
    this.head = head;
  }

  /**
   * An untrained discriminator.
   *
   * @param references features of reference images: they fix the widths, and the statistics if
   *     {@link Normalise#STANDARD} is asked for or there is a prior
   * @param random for the first weights
   */
  public static Discriminator create(
      DiscriminatorConfig config, NamedTensors references, RandomStream random) {
    SortedMap<String, Tensor> statistics = new TreeMap<>();
    SortedMap<String, Integer> widths = new TreeMap<>();
    Optional<PriorTerm> prior =
        config
            .residual()
            .map(residual -> PriorTerm.of(residual, references.get(FeatureBatch.PRIOR).values()));
    SortedMap<String, Tensor> seen = new TreeMap<>(references.asMap());
    seen.remove(FeatureBatch.PRIOR);
    seen.forEach(
        (view, tensor) -> {
          int width = (int) tensor.shape()[tensor.shape().length - 1];
          String projection = projection(config, view);
          Integer other = widths.put(projection, width + more(config, view));
          if (other != null && other != width) {
            throw new IllegalArgumentException(
                "a shared projection needs views of one width, got %d and %d: use own projections"
                    .formatted(other, width));
          }
          if (config.normalise() == Normalise.STANDARD) {
            addStatistics(view, tensor, width, statistics);
          }
        });
    Head head =
        Head.create(widths, config.hidden(), config.conditionWidth(), gated(config), random);
    return new Discriminator(config, statistics, prior, head);
  }

  /**
   * Parameters of a head.
   *
   * @param views what is seen of any image, without a prior's score
   */
  static long parameters(DiscriminatorConfig config, NamedTensors views) {
    SortedMap<String, Integer> widths = new TreeMap<>();
    views
        .asMap()
        .forEach(
            (view, tensor) -> {
              int width = (int) tensor.shape()[tensor.shape().length - 1];
              widths.put(projection(config, view), width + more(config, view));
            });
    return Head.parameters(widths, config.hidden(), config.conditionWidth(), gated(config));
  }

  /** Features of a view beside those of the encoder. */
  private static int more(DiscriminatorConfig config, String view) {
    return config.seesPrior() && view.equals(FeatureBatch.GLOBAL) ? 1 : 0;
  }

  private static void addStatistics(
      String view, Tensor tensor, int width, SortedMap<String, Tensor> statistics) {
    float[] values = tensor.values();
    int rows = values.length / width;
    double[] mean = new double[width];
    double[] square = new double[width];
    for (int i = 0; i < values.length; i++) {
      mean[i % width] += (double) values[i] / rows;
    }
    for (int i = 0; i < values.length; i++) {
      double d = values[i] - mean[i % width];
      square[i % width] += d * d / rows;
    }
    float[] centre = new float[width];
    float[] scale = new float[width];
    for (int c = 0; c < width; c++) {
      centre[c] = (float) mean[c];
      scale[c] = (float) (1 / (Math.sqrt(square[c]) + EPSILON));
      if (square[c] < EPSILON * EPSILON) {
        scale[c] = 0; // a column that never moves among references carries no scale
      }
    }
    statistics.put(STATISTICS + view + ".mean", new Tensor(new long[] {width}, centre));
    statistics.put(STATISTICS + view + ".scale", new Tensor(new long[] {width}, scale));
  }

  private static List<String> gated(DiscriminatorConfig config) {
    return config.pooling().fusion() == Fusion.GATED
        ? config.maps().stream().map(map -> FeatureBatch.LOCAL + map).toList()
        : List.of();
  }

  private static String projection(DiscriminatorConfig config, String view) {
    return config.sharedProjection() ? SHARED : view;
  }

  /** A discriminator with a copy of {@link #weights}; other tensors are ignored. */
  public static Discriminator of(DiscriminatorConfig config, NamedTensors weights) {
    SortedMap<String, Integer> widths = new TreeMap<>();
    SortedMap<String, Tensor> statistics = new TreeMap<>();
    addWidth(config, FeatureBatch.GLOBAL, weights, widths, statistics);
    for (String map : config.maps()) {
      addWidth(config, FeatureBatch.LOCAL + map, weights, widths, statistics);
    }
    Optional<PriorTerm> prior = config.residual().map(residual -> PriorTerm.of(residual, weights));
    Head head = Head.of(weights, widths, config.conditionWidth() > 0, gated(config));
    return new Discriminator(config, statistics, prior, head);
  }

  private static void addWidth(
      DiscriminatorConfig config,
      String view,
      NamedTensors weights,
      SortedMap<String, Integer> widths,
      SortedMap<String, Tensor> statistics) {
    String projection = projection(config, view);
    widths.put(projection, (int) weights.get(projection + ".weight").shape()[1]);
    if (config.normalise() == Normalise.STANDARD) {
      for (String name : new String[] {view + ".mean", view + ".scale"}) {
        statistics.put(STATISTICS + name, weights.get(STATISTICS + name));
      }
    }
  }

  public DiscriminatorConfig config() {
    return config;
  }

  Head head() {
    return head;
  }

  /** The head and the statistics of the references: all that scoring needs; a copy. */
  public NamedTensors weights() {
    SortedMap<String, Tensor> all = new TreeMap<>(statistics);
    prior.ifPresent(own -> all.putAll(own.tensors()));
    all.putAll(head.weights().export().asMap());
    return new NamedTensors(all);
  }

  /**
   * Scores of a batch.
   *
   * @param total the reward: {@code globalWeight * (prior + global) + localWeight * (prior +
   *     local)}, or a sigmoid of it, see {@link PoolingConfig#temperature}
   * @param global logit of each image as a whole
   * @param local of each image the logits of its places, pooled and fused as {@link PoolingConfig}
   *     says; zeros without maps
   * @param prior what the prior adds to each logit of an image; zeros without one
   * @param places by map the logits that {@code local} is made of, (n, places of the map); NaN for
   *     places that were not judged
   */
  public record Scores(
      float[] total,
      float[] global,
      float[] local,
      float[] prior,
      SortedMap<String, float[]> places) {}

  /**
   * Scores images one by one, so that the score of one does not depend on those beside it.
   *
   * @param places by view, the places of each image to judge; see {@link Places}
   */
  public Scores score(FeatureBatch batch, Places places) {
    float[] global = head.logits(globalInput(batch, batch.condition()), 1);
    SortedMap<String, float[]> logits = new TreeMap<>();
    float[] local = local(batch, places, logits);
    float[] added = prior(batch);
    float[] total = new float[batch.count()];
    for (int n = 0; n < total.length; n++) {
      double logit = config.globalWeight() * global[n] + config.localWeight() * local[n];
      logit += (config.globalWeight() + config.localWeight()) * added[n];
      total[n] = (float) config.pooling().reward(logit);
    }
    return new Scores(total, global, local, added, logits);
  }

  /**
   * What the prior adds to every logit of an image, that of the whole and those of its places;
   * zeros without one.
   */
  float[] prior(FeatureBatch batch) {
    return prior.map(own -> own.of(batch)).orElseGet(() -> new float[batch.count()]);
  }

  /**
   * The local logit of every image; zeros without maps.
   *
   * @param by given by map the logits of places, see {@link Scores#places}
   */
  private float[] local(FeatureBatch batch, Places places, SortedMap<String, float[]> by) {
    float[] local = new float[batch.count()];
    List<int[][]> drawn = config.maps().stream().map(map -> drawn(batch, map, places)).toList();
    List<Head.Input> inputs = new ArrayList<>();
    for (int m = 0; m < drawn.size(); m++) {
      String map = config.maps().get(m);
      inputs.add(localInput(batch, map, drawn.get(m)));
      float[] none = new float[batch.count() * all(batch, map)];
      Arrays.fill(none, Float.NaN);
      by.put(map, none);
    }
    Torch.withGradients(
        false,
        () -> {
          for (int n = 0; n < local.length && !inputs.isEmpty(); n++) {
            int image = n;
            try (NDManager work = head.newScope()) {
              List<NDArray> logits =
                  inputs.stream()
                      .map(input -> head.logits(work, image(input, image, local.length)))
                      .toList();
              local[n] = Host.floats(pooled(logits, 1))[0];
              for (int m = 0; m < logits.size(); m++) {
                float[] own = Host.floats(logits.get(m));
                float[] into = by.get(config.maps().get(m));
                int from = n * into.length / local.length;
                for (int k = 0; k < own.length; k++) {
                  into[from + drawn.get(m)[n][k]] = own[k];
                }
              }
            }
          }
          return null;
        });
    return local;
  }

  /** Logits of the places of images by each map, see {@link PlaceScores}; image by image. */
  SortedMap<String, float[]> places(FeatureBatch batch) {
    SortedMap<String, float[]> scores = new TreeMap<>();
    for (String map : config.maps()) {
      Head.Input input = localInput(batch, map, Places.every());
      float[] logits = head.logits(input, input.rows() / batch.count());
      float[] own = new float[batch.count() * PlaceGrid.COUNT];
      int each = logits.length / batch.count();
      for (int n = 0; n < batch.count(); n++) {
        double[] means =
            PlaceScores.onGrid(Arrays.copyOfRange(logits, n * each, (n + 1) * each), map);
        for (int p = 0; p < means.length; p++) {
          own[n * PlaceGrid.COUNT + p] = (float) means[p];
        }
      }
      scores.put(map, own);
    }
    return scores;
  }

  private static Head.Input image(Head.Input input, int image, int images) {
    int each = input.rows() / images;
    return input.part(image * each, (image + 1) * each);
  }

  /**
   * The local logit of every image, (images), with a way back to the weights if the calling thread
   * is recording.
   *
   * @param work owns the result and all that is computed on the way
   * @param inputs of every map
   */
  NDArray local(NDManager work, List<Head.Input> inputs, int images) {
    return pooled(inputs.stream().map(input -> head.logits(work, input)).toList(), images);
  }

  /**
   * @param logits of the places of all images, by each map
   */
  private NDArray pooled(List<NDArray> logits, int images) {
    List<NDArray> maps = new ArrayList<>();
    for (NDArray own : logits) {
      int top = config.pooling().top((int) own.size() / images);
      maps.add(Head.top(own, images, top));
    }
    return head.fused(maps, config.pooling().fusion());
  }

  /** How well whole images of one side are told from those of the other. */
  public Health health(FeatureBatch real, FeatureBatch fake) {
    return Health.of(whole(real).sum(), whole(fake).sum());
  }

  /** How well images of one side are told from those of the other by all of their places. */
  Health localHealth(FeatureBatch real, FeatureBatch fake) {
    return Health.of(local(real).sum(), local(fake).sum());
  }

  /** Prior and logits of whole images. */
  ResidualLoss.Side whole(FeatureBatch batch) {
    float[] logits = head.logits(globalInput(batch, batch.condition()), batch.count());
    return new ResidualLoss.Side(prior(batch), logits);
  }

  /** Prior and local logits of images by all of their places. */
  ResidualLoss.Side local(FeatureBatch batch) {
    return new ResidualLoss.Side(prior(batch), local(batch, Places.every(), new TreeMap<>()));
  }

  /** Every image as a whole, under the given prompt vectors. */
  Head.Input globalInput(FeatureBatch batch, float[][] condition) {
    return withPrior(encoded(batch, condition), batch);
  }

  /**
   * The same with what the head sees of the prior beside the features of the encoder.
   *
   * @param input of the batch, as {@link #encoded} makes it
   */
  Head.Input withPrior(Head.Input input, FeatureBatch batch) {
    return prior.map(own -> own.beside(input, batch)).orElse(input);
  }

  /** Every image by the encoder's features alone. */
  Head.Input encoded(FeatureBatch batch, float[][] condition) {
    if (condition.length > 0 != config.conditionWidth() > 0) {
      throw new IllegalArgumentException(
          "%d prompt vectors for a head with condition width %d"
              .formatted(condition.length, config.conditionWidth()));
    }
    Tensor view = batch.views().get(FeatureBatch.GLOBAL);
    float[] x = view.values().clone();
    normalise(FeatureBatch.GLOBAL, x, (int) view.shape()[1]);
    return new Head.Input(
        projection(config, FeatureBatch.GLOBAL), Head.OUT, batch.count(), x, condition);
  }

  /** The drawn places of every map. */
  List<Head.Input> localInputs(FeatureBatch batch, Places places) {
    return config.maps().stream().map(map -> localInput(batch, map, places)).toList();
  }

  /** The drawn places of one map, image after image. */
  Head.Input localInput(FeatureBatch batch, String map, Places places) {
    return localInput(batch, map, drawn(batch, map, places));
  }

  private static int[][] drawn(FeatureBatch batch, String map, Places places) {
    return places.of(map, batch.count(), all(batch, map));
  }

  /** Places of a map. */
  private static int all(FeatureBatch batch, String map) {
    return (int) batch.views().get(FeatureBatch.LOCAL + map).shape()[1];
  }

  private Head.Input localInput(FeatureBatch batch, String map, int[][] drawn) {
    String name = FeatureBatch.LOCAL + map;
    Tensor view = batch.views().get(name);
    int all = all(batch, map);
    int width = (int) view.shape()[2];
    int each = drawn[0].length;
    float[] x = new float[batch.count() * each * width];
    for (int n = 0; n < batch.count(); n++) {
      for (int k = 0; k < each; k++) {
        int from = (n * all + drawn[n][k]) * width;
        System.arraycopy(view.values(), from, x, (n * each + k) * width, width);
      }
    }
    normalise(name, x, width);
    String last = config.pooling().fusion() == Fusion.GATED ? Head.last(name) : Head.OUT;
    return new Head.Input(projection(config, name), last, batch.count() * each, x, new float[0][]);
  }

  private void normalise(String view, float[] x, int width) {
    switch (config.normalise()) {
      case NONE -> {}
      case L2 -> {
        for (int from = 0; from < x.length; from += width) {
          double square = 0;
          for (int c = 0; c < width; c++) {
            square += (double) x[from + c] * x[from + c];
          }
          float norm = (float) (Math.sqrt(square) + EPSILON);
          for (int c = 0; c < width; c++) {
            x[from + c] /= norm;
          }
        }
      }
      case STANDARD -> {
        float[] mean = statistics.get(STATISTICS + view + ".mean").values();
        float[] scale = statistics.get(STATISTICS + view + ".scale").values();
        for (int i = 0; i < x.length; i++) {
          float z = (x[i] - mean[i % width]) * scale[i % width];
          x[i] = Math.max(-LARGEST, Math.min(LARGEST, z));
        }
      }
    }
  }

  @Override
  public void close() {
    head.close();
  }
}
