package io.atelier.reward.adversarial;

import io.atelier.models.encoder.ClipTail;
import io.atelier.models.encoder.ClipTrunk;
import io.atelier.models.optim.Optimizer;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.reward.GroupFeatures;
import io.atelier.reward.clip.TextImageReward.Formula;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Trains the last layers of PickScore's image encoder to prefer references to generated images of
 * the same prompt, after Adv-GRPO (arXiv 2511.20256). Every generated image is paired with a
 * reference of its prompt; all references are used equally often if their number divides that of
 * the images. An optimizer step is on the mean {@link CriticLoss} of all pairs of a learner step,
 * by default (see {@link CriticConfig#trigger}) only while the mean score of the generated images
 * is above that of the references. Weights and moments are float32.
 *
 * <p>Measurements, all with the weights before the update:
 *
 * <ul>
 *   <li>{@code critic/reward-reference}, {@code critic/reward-generated}: mean scores of the pairs'
 *       images, by which the trigger decides
 *   <li>{@code critic/accuracy}: share of pairs whose reference scores higher, ties counted half
 *   <li>{@code critic/loss}: mean loss of the pairs
 *   <li>{@code critic/trained}: 1 if the layers were trained, otherwise 0
 *   <li>{@code critic/head-steps}: optimizer steps taken
 * </ul>
 */
public final class PickScoreCritic implements Critic {

  private static final String ADAM = "adam.";

  private final CriticConfig config;
  private int every;
  private final CriticLoss loss;
  private final CriticTrigger trigger;
  private final GroupNoise noise;
  private final ClipTrunk trunk;
  private final ClipTail tail;
  private final References references;
  private final ReferenceFeatures features;
  private final Optimizer optimizer;
  private NamedTensors weights;

  /**
   * @param config of which {@code adam}, {@code every}, {@code trigger}, {@code headSteps} and
   *     {@code loss} are used
   * @param seed the run's seed
   * @param trunk frozen layers; closed with this
   * @param tail trained layers with their initial weights; closed with this
   */
  PickScoreCritic(
      CriticConfig config, long seed, ClipTrunk trunk, ClipTail tail, References references) {
    this.config = config;
    this.every = config.every();
    this.loss = config.loss().orElse(CriticLoss.LOGISTIC);
    this.trigger = config.trigger().orElse(CriticTrigger.GENERATED_ABOVE);
    this.noise = new GroupNoise(seed);
    this.trunk = trunk;
    this.tail = tail;
    this.references = references;
    this.features =
        new ReferenceFeatures(
            (images, places) ->
                new NamedTensors(Map.of(PickScoreReward.TOKENS, trunk.tokens(images))),
            references.images(),
            ReferenceFeatures.KEPT_BYTES);
    this.weights = tail.weights();
    this.optimizer = new Optimizer(tail.trained(), config.adam());
  }

  /**
   * The pairs of one group.
   *
   * @param text the prompt's vector
   * @param generated tokens of the generated images
   * @param places indices of the references that are used, each once
   * @param partner for each generated image, the index of its reference in {@code places}
   */
  private record Pairs(float[] text, Tensor generated, int[] places, int[] partner) {}

  /**
   * Logits {@code e^s cos} of all pairs, in order.
   *
   * @param reference logit of each pair's reference
   * @param generated logit of each pair's generated image
   */
  private record Logits(double[] reference, double[] generated) {

    static double mean(double[] values) {
      double sum = 0;
      for (double value : values) {
        sum += value;
      }
      return sum / values.length;
    }

    boolean fire(CriticTrigger trigger) {
      return trigger.fires(mean(reference), mean(generated));
    }
  }

  @Override
  public void every(int steps) {
    every = steps;
  }

  @Override
  public Map<String, Double> update(int step, List<GroupFeatures> groups) {
    if (groups.isEmpty()) {
      throw new IllegalArgumentException("critic update of step %d has no groups".formatted(step));
    }
    List<Pairs> pairs = groups.stream().map(this::pairs).toList();
    Logits logits = logits(pairs);
    Map<String, Double> report = report(logits);
    int taken = 0;
    while (step % every == 0 && taken < config.headSteps() && logits.fire(trigger)) {
      learn(pairs, logits);
      taken++;
      if (taken < config.headSteps()) {
        logits = logits(pairs);
      }
    }
    report.put("critic/trained", taken > 0 ? 1.0 : 0.0);
    report.put("critic/head-steps", (double) taken);
    return report;
  }

  private Pairs pairs(GroupFeatures group) {
    if (!references.byPrompt().containsKey(group.prompt().index())) {
      throw new IllegalArgumentException(
          "there is no reference of the prompt \"%s\" of group %s; name images of each prompt in data.references"
              .formatted(group.prompt().text(), group.id()));
    }
    Tensor tokens = group.features().get(PickScoreReward.TOKENS);
    Tensor texts = group.features().get(PickScoreReward.TEXT);
    int count = (int) tokens.shape()[0];
    float[] text = Arrays.copyOf(texts.values(), (int) texts.shape()[1]);
    int[] drawn =
        references.draw(group.prompt(), 1, count, noise.stream(Purpose.REFERENCE, group.id()));
    int[] places = Arrays.stream(drawn).distinct().toArray();
    List<Integer> order = Arrays.stream(places).boxed().toList();
    return new Pairs(text, tokens, places, Arrays.stream(drawn).map(order::indexOf).toArray());
  }

  /**
   * Returns the references' tokens. Not kept by the caller: those of all groups may not fit in
   * memory.
   */
  private Tensor references(Pairs pairs) {
    return features.of(pairs.places()).get(PickScoreReward.TOKENS);
  }

  private Logits logits(List<Pairs> all) {
    int count = all.stream().mapToInt(pairs -> pairs.partner().length).sum();
    Logits logits = new Logits(new double[count], new double[count]);
    int at = 0;
    for (Pairs pairs : all) {
      float[] reference = tail.cosines(references(pairs), pairs.text());
      float[] generated = tail.cosines(pairs.generated(), pairs.text());
      for (int i = 0; i < generated.length; i++) {
        logits.reference()[at] = tail.scale() * reference[pairs.partner()[i]];
        logits.generated()[at] = tail.scale() * generated[i];
        if (!Double.isFinite(logits.reference()[at]) || !Double.isFinite(logits.generated()[at])) {
          throw new ArithmeticException(
              "the critic gives a reference %s and an image %s after %d optimizer steps; lower its learning-rate"
                  .formatted(logits.reference()[at], logits.generated()[at], optimizer.updates()));
        }
        at++;
      }
    }
    return logits;
  }

  private Map<String, Double> report(Logits logits) {
    int count = logits.generated().length;
    double sum = 0;
    double right = 0;
    for (int i = 0; i < count; i++) {
      double reference = logits.reference()[i];
      double generated = logits.generated()[i];
      sum += loss.of(reference, generated);
      right += reference > generated ? 1 : reference == generated ? 0.5 : 0;
    }
    Map<String, Double> report = new LinkedHashMap<>();
    report.put("critic/accuracy", right / count);
    report.put("critic/reward-reference", score(Logits.mean(logits.reference())));
    report.put("critic/reward-generated", score(Logits.mean(logits.generated())));
    report.put("critic/loss", sum / count);
    return report;
  }

  private double score(double logit) {
    return Formula.PICKSCORE.of(logit / tail.scale(), tail.scale());
  }

  /** Takes one optimizer step on the mean loss of all pairs. */
  private void learn(List<Pairs> all, Logits logits) {
    tail.trained().clearGradients(); // left over from a failed call
    double each = tail.scale() / logits.generated().length;
    int at = 0;
    for (Pairs pairs : all) {
      float[] generated = new float[pairs.partner().length];
      double[] reference = new double[pairs.places().length];
      for (int i = 0; i < generated.length; i++) {
        double r = logits.reference()[at];
        double g = logits.generated()[at];
        generated[i] = (float) (each * loss.generatedSlope(r, g));
        reference[pairs.partner()[i]] += each * loss.referenceSlope(r, g);
        at++;
      }
      float[] rounded = new float[reference.length];
      for (int i = 0; i < rounded.length; i++) {
        rounded[i] = (float) reference[i];
      }
      tail.backward(references(pairs), pairs.text(), rounded);
      tail.backward(pairs.generated(), pairs.text(), generated);
    }
    optimizer.collect();
    optimizer.step(1);
    weights = tail.weights();
  }

  @Override
  public NamedTensors weights() {
    return weights;
  }

  @Override
  public NamedTensors state() {
    SortedMap<String, Tensor> state = new TreeMap<>(weights.asMap());
    optimizer.moments().asMap().forEach((name, tensor) -> state.put(ADAM + name, tensor));
    return new NamedTensors(state);
  }

  @Override
  public void restore(NamedTensors state) {
    SortedMap<String, Tensor> own = new TreeMap<>(state.asMap());
    own.keySet().removeIf(name -> name.startsWith(ADAM));
    NamedTensors restored = new NamedTensors(own);
    tail.load(restored);
    weights = restored;
    optimizer.restoreMoments(state.part(ADAM));
  }

  @Override
  public void close() {
    tail.close();
    trunk.close();
  }
}
