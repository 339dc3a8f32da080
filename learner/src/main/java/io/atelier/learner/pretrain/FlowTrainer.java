package io.atelier.learner.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.atelier.models.condition.RewardCondition;
import io.atelier.models.condition.RewardConditionConfig;
import io.atelier.models.optim.Optimizer;
import io.atelier.models.sd3.ClipTextConfig;
import io.atelier.models.sd3.Mmdit;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.TrainedPart;
import io.atelier.models.sd3.WholeNetwork;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Autograd;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.TorchOps;
import io.atelier.models.tensor.TrainedParameters;
import io.atelier.models.tensor.WeightSource;
import io.atelier.rollout.flow.NoisedLatents;
import io.atelier.rollout.flow.SigmaSchedule;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.noise.RandomStream;
import java.util.Optional;

/**
 * Trains the velocity network and its text encoders by conditional flow matching: the mean squared
 * error between the network at (1 − σ) x + σ ε and ε − x, with logit-normal σ (Esser et al. 2024,
 * arXiv 2403.03206, sections 2 and 3.1) and captions dropped at random for guidance (Ho and
 * Salimans 2022, arXiv 2207.12598).
 */
final class FlowTrainer implements AutoCloseable {

  private static final double DROPPED_CAPTIONS = 0.1;
  private static final int WARM_UP = 200;
  private static final double AVERAGE_DECAY = 0.9995;
  private static final String CONDITION = "reward_condition.";
  private static final String[] PARTS = {"transformer.", "text_encoder.", "text_encoder_2."};

  /**
   * Training data.
   *
   * @param latents latents by style, then by concept of the training split
   * @param latentShape (channels, height, width)
   * @param ids token ids of the captions, by concept of the training split
   * @param empty token ids of the empty caption
   * @param mixture probability of each style; they sum to 1
   * @param rewards the drawings' rewards, if the network is conditioned on them
   */
  record Data(
      float[][][] latents,
      int[] latentShape,
      long[][] ids,
      long[] empty,
      double[] mixture,
      Optional<Rewards> rewards) {}

  /** Rewards of the drawings: R numbers from 0 to 1 by style, then by concept, as the latents. */
  record Rewards(RewardConditionConfig config, float[][][] values) {}

  private final NDManager scope;
  private final PretrainConfig.Stage stage;
  private final MmditConfig config;
  private final ClipTextConfig[] textConfigs;
  private final GroupNoise noise;
  private final Data data;
  private final Mmdit network;
  private final TextPair text;
  private final Optional<RewardCondition> condition;
  private final Optimizer optimizer;

  /**
   * @param start initial weights of the network and of both text encoders; empty for random ones
   */
  FlowTrainer(
      NDManager parent,
      PretrainConfig settings,
      int vocabulary,
      Data data,
      Optional<NamedTensors[]> start) {
    this.scope = parent.newSubManager();
    this.stage = settings.flow();
    this.config = settings.transformerConfig();
    this.textConfigs = TextPair.configs(vocabulary, settings.textTokens());
    this.noise = new GroupNoise(settings.seed() + 1);
    this.data = data;
    NamedTensors[] first =
        start.orElseGet(() -> firstWeights(config, textConfigs, settings.seed()));
    WeightSource[] sources = new WeightSource[first.length];
    for (int i = 0; i < first.length; i++) {
      sources[i] = WeightSource.of("first weights", first[i]);
    }
    this.network = new Mmdit(scope, config, sources[0]);
    this.text = new TextPair(scope, textConfigs, new WeightSource[] {sources[1], sources[2]});
    TrainedParameters trained = new TrainedParameters("model");
    trained.addAll(PARTS[0], new TrainedPart(scope, network, new WholeNetwork()).weights());
    for (int i = 1; i < PARTS.length; i++) {
      trained.addAll(PARTS[i], textWeights(i).trainable("text encoder"));
    }
    this.condition =
        data.rewards()
            .map(
                rewards ->
                    new RewardCondition(
                        scope, rewards.config(), firstCondition(rewards, settings.seed())));
    condition.ifPresent(
        network -> trained.addAll(CONDITION, network.weights().trainable("reward condition")));
    this.optimizer = PretrainConfig.optimizer(trained, stage.rate(), 0.01, AVERAGE_DECAY);
  }

  /** The last layer starts at zero, so the network's output is unchanged at first. */
  private WeightSource firstCondition(Rewards rewards, long seed) {
    return WeightSource.of(
        "first weights",
        Initializer.draw(
            rewards.config().shapes(),
            seed + 3,
            (name, shape) ->
                name.endsWith("linear_1.weight") ? Initializer.GLOROT : Initializer.ZEROS));
  }

  private static NamedTensors[] firstWeights(
      MmditConfig config, ClipTextConfig[] texts, long seed) {
    return new NamedTensors[] {
      firstWeights(config, seed),
      TextPair.firstWeights(texts[0], seed + 1),
      TextPair.firstWeights(texts[1], seed + 2)
    };
  }

  private static NamedTensors firstWeights(MmditConfig config, long seed) {
    return Initializer.draw(
        config.shapes(),
        seed,
        (name, shape) -> {
          if (name.equals("pos_embed.pos_embed")) {
            return (s, size, random) -> positions(config.positions(), config.width());
          }
          if (shape.length == 1) {
            return name.contains("norm_") && name.endsWith("weight") && shape[0] == config.headDim()
                ? Initializer.ONES
                : Initializer.ZEROS;
          }
          boolean silent =
              name.contains("norm1") || name.startsWith("norm_out") || name.startsWith("proj_out");
          return silent ? Initializer.ZEROS : Initializer.GLOROT;
        });
  }

  /** Returns sines and cosines of the column, then of the row, half a unit per patch. */
  private static float[] positions(int side, int width) {
    float[] table = new float[side * side * width];
    int quarter = width / 4;
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        int base = (row * side + column) * width;
        for (int i = 0; i < quarter; i++) {
          double frequency = Math.pow(10_000, -(double) i / quarter) / 2;
          table[base + i] = (float) Math.sin(column * frequency);
          table[base + quarter + i] = (float) Math.cos(column * frequency);
          table[base + 2 * quarter + i] = (float) Math.sin(row * frequency);
          table[base + 3 * quarter + i] = (float) Math.cos(row * frequency);
        }
      }
    }
    return table;
  }

  /** Runs one update; returns the loss of the batch. */
  double step(int step) {
    Torch.enter(true);
    RandomStream random = noise.stream(Purpose.PRETRAIN, step);
    int batch = stage.batch();
    int size = data.latents()[0][0].length;
    NoisedLatents noised = new NoisedLatents(batch * size);
    float[] times = new float[batch];
    long[][] ids = new long[batch][];
    float[][] told = new float[batch][];
    float[] eps = new float[size];
    for (int b = 0; b < batch; b++) {
      int concept = random.nextInt(data.ids().length);
      int style = style(random.nextUniform());
      float[] clean = data.latents()[style][concept];
      ids[b] = random.nextUniform() < DROPPED_CAPTIONS ? data.empty() : data.ids()[concept];
      if (data.rewards().isPresent()) {
        told[b] = someOf(data.rewards().get().values()[style][concept], random);
      }
      float sigma = (float) (1 / (1 + Math.exp(-random.nextNormal())));
      times[b] = 1000 * sigma;
      random.fillNormal(eps, 0, size);
      noised.set(b * size, clean, eps, sigma);
    }
    try (NDManager work = scope.newSubManager()) {
      TextPair.Features features = text.encode(work, ids);
      NDArray velocity =
          network.forward(
              Host.toNative(work, noised.latents(), shape(batch)),
              Host.toNative(work, times, batch),
              features.context(),
              features.lastRepeats(),
              told(work, features.pooled(), told));
      NDArray target = Host.toNative(work, noised.velocities(), shape(batch));
      NDArray loss = TorchOps.call("mse", velocity, target);
      double value = Host.floats(loss)[0];
      if (!Double.isFinite(value)) {
        throw new IllegalStateException(
            "the flow-matching loss is %s at step %d".formatted(value, step));
      }
      Autograd.backward(loss);
      stage.update(optimizer, step, WARM_UP, AVERAGE_DECAY);
      return value;
    }
  }

  /**
   * Drops rewards at random, so that a user may give only some or none: the probability of dropping
   * each is itself uniform from 0 to 1.
   */
  private static float[] someOf(float[] rewards, RandomStream random) {
    double missing = random.nextUniform();
    float[] some = rewards.clone();
    for (int r = 0; r < some.length; r++) {
      some[r] = random.nextUniform() < missing ? Float.NaN : some[r];
    }
    return some;
  }

  private NDArray told(NDManager work, NDArray pooled, float[][] rewards) {
    return condition.map(network -> pooled.add(network.embed(work, rewards))).orElse(pooled);
  }

  private int style(double uniform) {
    double sum = 0;
    for (int i = 0; i < data.mixture().length - 1; i++) {
      sum += data.mixture()[i];
      if (uniform < sum) {
        return i;
      }
    }
    return data.mixture().length - 1;
  }

  private long[] shape(int batch) {
    int[] s = data.latentShape();
    return new long[] {batch, s[0], s[1], s[2]};
  }

  /**
   * Samples latents with the averaged weights by Euler steps, one for each caption.
   *
   * @param ids token ids of the captions
   */
  NDArray sample(NDManager owner, long[][] ids, SigmaSchedule schedule, double guidance) {
    return Torch.withGradients(
        false,
        () -> {
          try (NDManager work = scope.newSubManager()) {
            NamedTensors[] weights = averaged();
            Mmdit drawn = new Mmdit(work, config, WeightSource.of("average", weights[0]));
            TextPair words =
                new TextPair(
                    work,
                    textConfigs,
                    new WeightSource[] {
                      WeightSource.of("average", weights[1]), WeightSource.of("average", weights[2])
                    });
            long[][] both = new long[2 * ids.length][];
            for (int i = 0; i < ids.length; i++) {
              both[i] = data.empty();
              both[ids.length + i] = ids[i];
            }
            TextPair.Features features = words.encode(work, both);
            RandomStream random = noise.stream(Purpose.EVALUATION, 0);
            int size = data.latents()[0][0].length;
            NDArray x = Host.toNative(work, random.normals(ids.length * size), shape(ids.length));
            for (int step = 0; step < schedule.steps(); step++) {
              float[] times = new float[both.length];
              java.util.Arrays.fill(times, schedule.timestep(step));
              NDArray velocity =
                  drawn.forward(
                      NDArrays.concat(new NDList(x, x), 0),
                      Host.toNative(work, times, both.length),
                      features.context(),
                      features.lastRepeats(),
                      features.pooled());
              NDArray without = TorchOps.slice(velocity, 0, 0, ids.length);
              NDArray with = TorchOps.slice(velocity, 0, ids.length, both.length);
              NDArray guided =
                  without.add(with.sub(without).mul(Host.toNative(work, (float) guidance)));
              float width = schedule.sigma(step + 1) - schedule.sigma(step);
              x = x.add(guided.mul(Host.toNative(work, width)));
            }
            x.attach(owner);
            return x;
          }
        });
  }

  /**
   * Returns the averaged weights of the velocity network and of both text encoders, by their names
   * in files.
   */
  NamedTensors[] averaged() {
    NamedTensors average = optimizer.averaged();
    NamedTensors[] result = new NamedTensors[PARTS.length];
    for (int i = 0; i < PARTS.length; i++) {
      Parameters own = i == 0 ? network.weights() : textWeights(i);
      result[i] = own.export().with(average.part(PARTS[i]));
    }
    return result;
  }

  /** Returns the averaged weights of the reward condition; empty without rewards. */
  Optional<NamedTensors> averagedCondition() {
    return condition.map(network -> optimizer.averaged().part(CONDITION));
  }

  private Parameters textWeights(int part) {
    return (part == 1 ? text.first() : text.second()).weights();
  }

  /** Returns the rewards that the network is conditioned on. */
  Optional<RewardConditionConfig> rewards() {
    return data.rewards().map(Rewards::config);
  }

  ClipTextConfig[] textConfigs() {
    return textConfigs;
  }

  NamedTensors state() {
    return new NamedTensors(optimizer.state());
  }

  void restore(NamedTensors state) {
    optimizer.restore(state);
  }

  @Override
  public void close() {
    scope.close();
  }
}
