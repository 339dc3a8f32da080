package io.atelier.reward.artifact;

import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.state.TensorFiles;
import io.atelier.models.tensor.SafetensorsWeights;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.Images;
import io.atelier.reward.adversarial.AugmentationConfig;
import io.atelier.reward.adversarial.Discriminator;
import io.atelier.reward.adversarial.DiscriminatorConfig;
import io.atelier.reward.adversarial.FeatureBatch;
import io.atelier.reward.adversarial.Normalise;
import io.atelier.reward.adversarial.Places;
import io.atelier.reward.adversarial.PoolingConfig;
import io.atelier.rollout.noise.RandomStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Classifies images as clean or damaged: a {@link Discriminator} of whole images whose references
 * are the clean ones, with a hidden layer of 64, frozen after training on pairs. Not thread-safe:
 * one compute thread owns it.
 */
public final class ArtifactHead implements AutoCloseable {

  private static final int HIDDEN = 64;

  private static final String ENCODER = "encoder";
  private static final String VECTORS = "vectors";
  private static final String STATISTICS = "statistics";

  /**
   * Inputs of a head.
   *
   * @param encoder {@link Encoder#id} of the frozen encoder
   * @param vectors outputs (n, C) of the encoder
   * @param statistics outputs (n, C, h, w) whose spatial mean and standard deviation join them
   */
  public record View(String encoder, List<String> vectors, List<String> statistics) {
    public View {
      vectors = List.copyOf(vectors);
      statistics = List.copyOf(statistics);
      config(vectors, statistics); // fails if both are empty
    }

    /** Returns the settings of the head as a discriminator. */
    public DiscriminatorConfig config() {
      return config(vectors, statistics);
    }

    private static DiscriminatorConfig config(List<String> vectors, List<String> statistics) {
      return new DiscriminatorConfig(
          HIDDEN,
          vectors,
          statistics,
          List.of(),
          false,
          Normalise.STANDARD,
          0,
          1,
          0,
          0,
          1,
          AugmentationConfig.NONE,
          PoolingConfig.PLAIN);
    }

    /**
     * Computes features of images.
     *
     * @param open the encoder, closed by the caller
     * @throws IllegalArgumentException if it is not the encoder of the head
     */
    public FeatureBatch features(Encoder open, Images images) {
      if (!open.id().equals(encoder)) {
        throw new IllegalArgumentException(
            "the head was trained on %s, and the encoder here is %s".formatted(encoder, open.id()));
      }
      return new FeatureBatch(
          images.count(), FeatureBatch.views(config(), open.encode(images)), new float[0][]);
    }
  }

  private final View view;
  private final Discriminator discriminator;

  private ArtifactHead(View view, Discriminator discriminator) {
    this.view = view;
    this.discriminator = discriminator;
  }

  /**
   * Creates an untrained head.
   *
   * @param images features of clean and damaged images, over which features are standardised
   * @param random stream for the initial weights
   */
  static ArtifactHead create(View view, FeatureBatch images, RandomStream random) {
    return new ArtifactHead(view, Discriminator.create(view.config(), images.views(), random));
  }

  private static View view(Path file) {
    Map<String, String> metadata = SafetensorsFile.open(file).metadata();
    return new View(
        entry(file, metadata, ENCODER),
        names(entry(file, metadata, VECTORS)),
        names(entry(file, metadata, STATISTICS)));
  }

  private static String entry(Path file, Map<String, String> metadata, String key) {
    String value = metadata.get(key);
    if (value == null) {
      throw new IllegalArgumentException(
          "%s does not say in its header what \"%s\" of the head is; name a file that ./atelier artifact has written"
              .formatted(file, key));
    }
    return value;
  }

  private static List<String> names(String list) {
    return list.isEmpty() ? List.of() : List.of(list.split(","));
  }

  /**
   * Reads a head.
   *
   * @throws IllegalArgumentException or {@link io.atelier.models.safetensors.SafetensorsException}
   *     naming the file and the problem
   */
  public static ArtifactHead load(Path file) {
    View view = view(file);
    SafetensorsWeights source = new SafetensorsWeights(SafetensorsFile.open(file));
    source.tensors().names().forEach(source::requireFinite);
    try {
      return new ArtifactHead(view, Discriminator.of(view.config(), TensorFiles.load(file)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** Writes the head atomically. */
  public void save(Path file) {
    TensorFiles.save(
        file,
        discriminator.weights(),
        Map.of(
            ENCODER,
            view.encoder(),
            VECTORS,
            String.join(",", view.vectors()),
            STATISTICS,
            String.join(",", view.statistics())));
  }

  public View view() {
    return view;
  }

  Discriminator discriminator() {
    return discriminator;
  }

  /**
   * Returns the logit of damage of every image, {@code ln(P / (1 - P))} with P the probability of
   * damage; positive means damaged. It does not depend on the rest of the batch.
   */
  public float[] damage(FeatureBatch images) {
    float[] logits = discriminator.score(images, Places.every()).global();
    for (int i = 0; i < logits.length; i++) {
      logits[i] = -logits[i]; // the discriminator's positive side is the clean one
    }
    return logits;
  }

  /**
   * Returns the probability that an image is clean, {@code sigmoid(-z)}, from its logit of damage
   * z.
   */
  public static double clean(double damage) {
    return 1 / (1 + StrictMath.exp(damage));
  }

  @Override
  public void close() {
    discriminator.close();
  }
}
