package io.atelier.actors.api.plan;

import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.compute.HeldOutEvaluation;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.models.encoder.Encoders;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.Trained;
import io.atelier.models.sd3.WholeNetwork;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.sampler.RolloutConfig;
import io.atelier.rollout.sampler.TextEncoders;
import io.atelier.rollout.sampler.VelocityField;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Approximate memory of one process that computes a whole run, in bytes. Weights that are used as
 * stored are memory-mapped: they are in the page cache, which is reclaimed if memory is short, and
 * are counted separately.
 *
 * @param mapped weights in mapped files
 * @param weights all other weights of the model, shared by the roles of a process
 * @param merged weights of which samplers hold a second copy, with the adapter merged in
 * @param trained the trained weights in every role, their gradients, and the optimizer's state
 * @param states copies of the trained weights in the Java heap: checkpoints, versions, gradients in
 *     transfer
 * @param text for encoding prompts before the run begins
 * @param sampling working memory of rollout workers at the same time
 * @param learning working memory of learners at the same time
 * @param blobs trajectories, images and features in flight
 * @param critic scorers and critic of an adversarial PickScore, features of references included; a
 *     discriminator's head is negligible
 * @param features kept by discriminators, of references and of replayed images
 * @param java the JVM itself
 */
public record MemoryPlan(
    long mapped,
    long weights,
    long merged,
    long trained,
    long states,
    long text,
    long sampling,
    long learning,
    StoreNeed blobs,
    long critic,
    long features,
    long java) {

  /** Heap and code of a running JVM; measured on the embedded model and on one of 2.2 G values. */
  private static final long JAVA = 1200L << 20;

  /** Copies of the trained weights where gradients are computed: weights and gradients. */
  private static final int TRAINING = 2;

  /** Further copies where they are trained: sum of the gradients, two moments and an average. */
  private static final int OPTIMIZER = 4;

  /**
   * Copies of the trained weights in a learner's heap: weights, two moments and an average while a
   * checkpoint is written or taken over, and two published versions.
   */
  static final int LEARNER_STATES = 6;

  /** The same for any other worker: the old and the new version, or gradients and their buffer. */
  static final int WORKER_STATES = 2;

  /** Changes that save memory without affecting the result, the cheapest first. */
  private static final List<List<String>> CHANGES =
      List.of(
          List.of("learner.gradient-checkpointing=on"),
          List.of("workers.gradient=0"),
          List.of("learner.gradient-checkpointing=on", "workers.gradient=0"));

  private static MemoryPlan of(TrainConfig config, ComputeFactory compute, CriticMemory critics) {
    PipelineFolder folder = compute.folder();
    Trained which = config.model().trained();
    long trained = which.values(folder.transformerConfig());
    RolloutConfig rollout = config.rollout();
    boolean resident = TextEncoders.stayInMemory(folder);
    long text = 0;
    long mapped = 0;
    for (String part : folder.textEncoders()) {
      text += folder.memoryBytes(part);
      mapped += resident ? folder.loadedBytes(part) - folder.memoryBytes(part) : 0;
    }
    long weights = resident ? text : 0;
    boolean evaluated = compute.evaluation().isPresent();
    PipelineFolder measured = compute.measured();
    for (String each : frozenNetwork(config)) {
      weights += folder.memoryBytes(each);
      long mappedPart = folder.loadedBytes(each) - folder.memoryBytes(each);
      if (evaluated && measured.types().network() != folder.types().network()) { // its own copy
        weights += measured.memoryBytes(each);
        mappedPart = Math.max(mappedPart, measured.loadedBytes(each) - measured.memoryBytes(each));
      }
      mapped += mappedPart;
    }
    int samplers = config.workers().rollout() + (evaluated ? 1 : 0);
    int learners = 1 + config.workers().gradient();
    long rows = VelocityField.branches(rollout.guidance()) * (long) rollout.samplesAtOnce();
    return new MemoryPlan(
        mapped,
        weights,
        merged(config, which, folder),
        Float.BYTES
            * (held(which, folder.transformerConfig()) * (samplers + (long) TRAINING * learners)
                + OPTIMIZER * trained),
        Float.BYTES * trained * (LEARNER_STATES + WORKER_STATES * (samplers + learners - 1L)),
        resident ? 0 : text,
        config.workers().rollout() * PassMemory.sampling(folder, which, rollout, rows)
            + (evaluated
                ? PassMemory.sampling(measured, which, rollout, evaluationRows(config))
                : 0),
        learners
            * PassMemory.learning(folder, which, rollout, config.learner().checkpointing(), rows),
        StoreNeed.of(config, compute, critics.ofAnImage()),
        critics.layers(),
        critics.features(),
        JAVA);
  }

  /** Bytes of trajectories, images and features in flight. */
  long inFlight() {
    return blobs.inFlight();
  }

  /** Peak memory of this process, mapped files excluded. */
  long peak() {
    return weights
        + merged
        + trained
        + states
        + inFlight()
        + critic
        + features
        + java
        + Math.max(text, sampling + learning);
  }

  /** Bytes of the adapted weights, of which a merging sampler has a second copy. */
  private static long merged(TrainConfig config, Trained which, PipelineFolder folder) {
    if (!config.rollout().mergeAdapter() || which instanceof WholeNetwork) {
      return 0;
    }
    return config.workers().rollout()
        * Float.BYTES
        * fusedValues(which, folder.transformerConfig());
  }

  /** Parts of the model, text encoders excluded, whose original weights are kept. */
  static List<String> frozenNetwork(TrainConfig config) {
    boolean seen = // by a critic, as the base model
        config.reward().learned().stream()
            .anyMatch(part -> part.encoder().name().equals(Encoders.BASE));
    return config.model().trained().isAll() && !config.learner().needsReference() && !seen
        ? List.of("vae")
        : List.of("vae", "transformer");
  }

  /**
   * Values of the arrays that are trained: for selected modules, with the weights fused with them.
   */
  private static long held(Trained which, MmditConfig network) {
    return which instanceof AdapterConfig || which.isAll()
        ? which.values(network)
        : fusedValues(which, network);
  }

  /** Values of the weights that are trained or adapted, and of those fused with them. */
  private static long fusedValues(Trained which, MmditConfig network) {
    Set<String> touched = new HashSet<>();
    which
        .shapes(network)
        .keySet()
        .forEach(name -> touched.add(fused(name.replaceFirst("\\.lora_[AB]\\.", "."))));
    Map<String, long[]> weights = network.shapes();
    weights.keySet().removeIf(name -> !touched.contains(fused(name)));
    return NamedTensors.elements(weights.values());
  }

  /** Queries, keys and values of an attention are fused into one weight and one bias. */
  private static String fused(String name) {
    return name.replaceFirst("\\.(to|add)_[qkv](_proj)?\\.(weight|bias)$", ".$1_qkv.$3");
  }

  /** Latents that an evaluation samples at once, both guidance branches counted. */
  private static long evaluationRows(TrainConfig config) {
    int images = config.evaluation().groupSize();
    RolloutConfig rollout = config.rollout();
    int captions = HeldOutEvaluation.together(images, rollout.height(), rollout.width());
    return VelocityField.branches(config.evaluation().guidance()) * (long) images * captions;
  }

  /**
   * Changes that save memory. A smaller chunk changes the last bits of the result, so it comes
   * after those that do not: the largest chunk first, then combined with all others.
   */
  private static List<List<String>> changes(RolloutConfig rollout) {
    List<List<String>> changes = new ArrayList<>(CHANGES);
    for (List<String> others : List.of(List.<String>of(), CHANGES.get(CHANGES.size() - 1))) {
      for (int chunk = rollout.samplesAtOnce() - 1; chunk > 0; chunk--) {
        if (rollout.groupSize() % chunk == 0) {
          List<String> change = new ArrayList<>(others);
          change.add("rollout.chunk=" + chunk);
          changes.add(change);
        }
      }
    }
    return changes;
  }

  /**
   * @param here memory of this machine, in bytes
   * @return the memory that the run takes
   * @throws InvalidConfigException if the run takes more, with a change that would save enough
   */
  public static MemoryPlan requireFits(TrainConfig config, ComputeFactory compute, long here) {
    if (config.workers().gradient() > 0) {
      VersionSize.requireGradientsKept(config, compute);
    }
    CriticMemory critics = CriticMemory.of(config, compute);
    MemoryPlan plan = of(config, compute, critics);
    if (config.given(List.of("cluster.seeds")).isEmpty()) {
      plan.blobs.require(StoreNeed.Kind.ALL, config.workers().blobBytes());
    } else {
      for (StoreNeed.Kind kind : StoreNeed.Kind.OF_A_CLUSTER) {
        plan.blobs.require(kind, config.workers().blobBytes());
      }
    }
    VersionSize.requireHeap(
        config,
        compute,
        plan.states + plan.inFlight() + plan.critic + plan.features,
        Runtime.getRuntime().maxMemory());
    long needed = plan.peak();
    if (needed <= here) {
      return plan;
    }
    String less =
        "no setting saves enough: draw smaller or fewer images (rollout.height,"
            + " rollout.width, rollout.group-size), or take a machine with more memory";
    for (List<String> change : changes(config.rollout())) {
      long then = of(config.with(change.toArray(String[]::new)), compute, critics).peak();
      if (then <= here) {
        less = "with %s it would take about %s".formatted(String.join(" ", change), bytes(then));
        break;
      }
    }
    throw new InvalidConfigException(
        "this run takes about %s of memory, and this machine has %s; %s"
            .formatted(bytes(needed), bytes(here), less));
  }

  /**
   * Lines for the user.
   *
   * @param limit bytes that may be in flight
   */
  List<String> lines(long limit) {
    String more =
        inFlight() > limit ? ", MORE THAN workers.blob-megabytes: groups wait for each other" : "";
    List<String> lines =
        new ArrayList<>(
            List.of(
                "memory      about %s at most in one process, and %s of mapped files"
                    .formatted(bytes(peak()), bytes(mapped)),
                "            %s weights of the model, %s merged, %s trained weights and optimizer, %s while groups are sampled,"
                    .formatted(
                        bytes(weights), bytes(merged), bytes(trained + states), bytes(sampling)),
                "            %s while the policy learns, %s in flight (limit %s%s), %s Java; before the run, %s to encode prompts"
                    .formatted(
                        bytes(learning),
                        bytes(inFlight()),
                        bytes(limit),
                        more,
                        bytes(java),
                        bytes(text))));
    if (critic > 0) {
      lines.add(
          "            %s PickScore, whose last layers learn, and features of references"
              .formatted(bytes(critic)));
    }
    if (features > 0) {
      lines.add(
          "            %s features of references and of images that are shown again"
              .formatted(bytes(features)));
    }
    lines.addAll(blobs.lines(limit));
    return lines;
  }

  static String bytes(long value) {
    return value < 1L << 30
        ? String.format(Locale.ROOT, "%.1f MiB", value / 1048576.0)
        : String.format(Locale.ROOT, "%.1f GiB", value / 1073741824.0);
  }
}
