package io.atelier.actors.api.plan;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.atelier.actors.api.Atelier;
import io.atelier.actors.api.assembly.Assembly;
import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

class RunPlanTest {

  private static RunPlan plan(String model, String... keys) {
    return Atelier.plan(config(model, keys));
  }

  private static TrainConfig config(String model, String... keys) {
    Path root = Path.of(System.getProperty("atelier.root", ".."));
    String path =
        model.equals("emoji64") ? model : root.resolve("tests/golden").resolve(model).toString();
    List<String> all =
        new ArrayList<>(
            List.of(
                "model.path=" + path,
                "rollout.height=64",
                "rollout.width=64",
                "run.threads=1",
                "rollout.merge-adapter=false",
                "workers.gradient=0"));
    all.addAll(List.of(keys));
    return TrainConfig.load("dev", all.toArray(String[]::new));
  }

  @Test
  void shouldCountWhatIsTrainedOfAModule() {
    RunPlan all = plan("sd3-tiny", "evaluation.every=0");
    RunPlan some =
        plan(
            "sd3-tiny",
            "evaluation.every=0",
            "workers.rollout=1",
            "model.train=full",
            "model.targets=[ff.net.2]");
    long width = 32;
    long layers = 3;
    assertEquals(layers * (4 * width * width + width), some.trainedParameters());
    assertEquals(4 * some.trainedParameters(), some.publishBytes());
    assertEquals(
        all.memory().weights() + all.memory().mapped(),
        some.memory().weights() + some.memory().mapped(),
        "the others are shared");
    long copies = 1 + 2 + 4; // of a sampler, of a learner with gradients, of the optimizer
    assertEquals(4 * copies * some.trainedParameters(), some.memory().trained());
    String line = some.lines().get(0);
    assertTrue(line.endsWith("are trained, those of ff.net.2"), line);
  }

  /**
   * 12 groups of 8 images in 10 steps, two branches of the guidance. From the first of two trained
   * steps 10 evaluations are left of one shared state, from the second 9 of eight states; where the
   * window lies anywhere from 0 to 7, 3.5 fewer on average. Starts of their own have eight states
   * twice.
   */
  @Test
  void shouldCountWhatCreditByStepDrawsAndScores() {
    String first = "rollout.trained-to=2";
    String mode = "learner.credit.steps.mode=to-go";
    RunPlan none = plan("emoji64", first);
    RunPlan shared = plan("emoji64", first, mode);
    assertEquals(0, none.completedImages());
    assertEquals(12 * 9, shared.completedImages());
    assertEquals(2 * 12 * (10 + 9 * 8), shared.completionLatents());
    assertEquals(shared.completionLatents(), shared.sampledLatents() - none.sampledLatents());
    assertEquals(none.trainedLatents(), shared.trainedLatents());
    RunPlan anywhere = plan("emoji64", "rollout.trained-to=9", mode);
    assertEquals(2 * 12 * Math.round(6.5 + 5.5 * 8), anywhere.completionLatents());
    RunPlan own = plan("emoji64", first, mode, "rollout.shared-start=false");
    assertEquals(12 * 16, own.completedImages());
    assertEquals(2 * 12 * (10 + 9) * 8, own.completionLatents());
    String line =
        shared.lines().stream().filter(l -> l.startsWith("credit ")).findFirst().orElseThrow();
    assertTrue(line.contains("108 images more a step"), line);
    assertTrue(line.contains("takes 1968 of the sampled latents"), line);
    assertEquals(12 * 9 * 3 * 64 * 64, shared.memory().inFlight() - none.memory().inFlight());
  }

  /** Of the embedded model, whose text encoders alone have a matrix of that size. */
  @Test
  void shouldCountWhatIsKeptInAnotherType() {
    MemoryPlan stored = plan("emoji64").memory();
    MemoryPlan floats = plan("emoji64", "placement.text.storage=float32").memory();
    long values = 1082624;
    assertEquals(stored.mapped() - 2 * values, floats.mapped());
    assertEquals(stored.weights() + 4 * values, floats.weights());
  }

  @Test
  void shouldNameAStorageThatChangesNothing() {
    List<String> lines = storage("placement.storage=bfloat16", "placement.text.storage=stored");
    assertEquals(1, lines.size(), lines::toString);
    assertTrue(lines.get(0).contains("storage bfloat16 changes no weight of"), lines.get(0));
    assertTrue(lines.get(0).contains("for rollout and learner"), lines.get(0));
    assertEquals(List.of(), storage("placement.text.storage=float32"));
    assertEquals(List.of(), storage());
  }

  private static List<String> storage(String... keys) {
    TrainConfig config = config("emoji64", keys);
    ComputeFactory compute = Assembly.factory(config, Optional.empty(), true);
    return UnreadStorage.lines(config, compute.folder(), compute.measured());
  }

  /**
   * Values by network, as the headers of the files have them, times four bytes; of text encoders
   * bytes, since a large matrix of half precision stays as it is. All roles of a process share
   * them.
   */
  @ParameterizedTest
  @CsvSource({
    "emoji64, 7850176, 1674963, 4430336", // 1082624 of its text encoders stay in half precision
    "sd3-tiny, 124736, 116955, 636352",
    "sd35-tiny, 148224, 95963, 637248"
  })
  void shouldCountEveryWeightOnceWhoeverUsesIt(String model, long network, long vae, long text) {
    long all = 4 * (network + vae) + text;
    String group = "rollout.group-size=16"; // as many as an evaluation draws of 64 x 64 at once
    MemoryPlan one = plan(model, group, "workers.rollout=1", "evaluation.every=0").memory();
    assertEquals(all, one.mapped() + one.weights());
    MemoryPlan many =
        plan(model, group, "workers.rollout=3", "workers.gradient=2", "evaluation.every=5")
            .memory();
    assertEquals(all, many.mapped() + many.weights());
    assertEquals(4 * one.sampling(), many.sampling(), "three samplers and an evaluator");
    assertEquals(3 * one.learning(), many.learning(), "the learner and two that help it");
    assertTrue(many.peak() > one.peak());
  }

  /** EfficientNet-Lite0 at 128 pixels: a vector, two statistics, and places of two maps. */
  @Test
  void shouldCountFeaturesOfADiscriminator() {
    long image = 4 * (1280 + 2 * (40 + 112) + 40 * 256 + 112 * 64);
    String[] keys = {"evaluation.every=0", "critic.replay-capacity=500"};
    MemoryPlan plan = plan("emoji64", keys).memory();
    MemoryPlan more = plan("emoji64", keys[0], "critic.replay-capacity=700").memory();
    assertEquals(200 * image, more.features() - plan.features());
    assertEquals(200 * image, more.peak() - plan.peak());
    MemoryPlan fewer = plan("emoji64", keys[0], "reward.adversarial.kept-places=64").memory();
    long images = 8 * 12; // a group for each of 12 prompts, and none ahead
    assertEquals(images * 4 * 40 * (256 - 64), plan.inFlight() - fewer.inFlight());
    assertTrue(String.join("\n", plan.lines(1L << 40)).contains("features of references and of"));
    MemoryPlan without =
        plan("emoji64", keys[0], "reward.adversarial.weight=0", "reward.jpeg.weight=1").memory();
    assertEquals(0, without.features());
  }

  @Test
  void shouldCountMergedWeightsOfEverySampler() {
    // width 32: two attentions in blocks 0 and 1, one in block 2, each with q, k and v as one
    // weight
    String[] keys = {"workers.rollout=2", "model.adapter.targets=[attn.to_q, attn2.to_q]"};
    assertEquals(0, plan("sd35-tiny", keys).memory().merged());
    List<String> merged = new ArrayList<>(List.of(keys));
    merged.add("rollout.merge-adapter=true");
    long together = plan("sd35-tiny", merged.toArray(String[]::new)).memory().merged();
    assertEquals(2 * 5 * 3 * 32 * 32 * 4, together);
  }

  @ParameterizedTest
  @CsvSource({"0, 4.5, 16", "0, 1, 8", "2, 4.5, 4", "1, 1, 1"})
  void shouldEstimateActivationsOfAChunk(int chunk, double guidance, int rows) {
    RunPlan plan =
        plan(
            "sd35-tiny",
            "rollout.group-size=8",
            "rollout.guidance=" + guidance,
            "rollout.chunk=" + chunk,
            "workers.rollout=1",
            "evaluation.every=0",
            "rollout.decode-batch=1");
    // 4 x 4 patches, 77 CLIP and 128 T5 tokens, width 32; two blocks of three with two attentions
    assertEquals(4L * rows * (16 + 77 + 128) * 32 * (36 + 2 * 48), plan.memory().learning());
    long decoding = 1L << 19;
    long drawing = 4L * rows * (16 + 77 + 128) * 32 * 12;
    assertEquals(Math.max(decoding, drawing), plan.memory().sampling());
  }

  @Test
  void shouldCountAnEvaluationWhateverTheChunk() {
    String[] keys = {"rollout.chunk=1", "rollout.decode-batch=1", "workers.rollout=1"};
    List<String> trained = new ArrayList<>(List.of(keys));
    trained.add("evaluation.every=0");
    List<String> evaluated = new ArrayList<>(List.of(keys));
    evaluated.addAll(List.of("evaluation.every=5", "evaluation.group-size=20"));
    long alone = plan("sd35-tiny", trained.toArray(String[]::new)).memory().sampling();
    long both = plan("sd35-tiny", evaluated.toArray(String[]::new)).memory().sampling();
    assertEquals(4L * 2 * 20 * (16 + 77 + 128) * 32 * 12, both - alone);
  }

  @Test
  void shouldSayWhereMoreTravelsThanIsHeldAndRefuseWhereAStepDoesNotFit() {
    List<String> keys =
        List.of(
            "rollout.group-size=64",
            "learner.groups-per-step=64",
            "schedule.mode=fixed-lag",
            "schedule.policy-lag=1");
    RunPlan roomy = plan("sd35-tiny", keys.toArray(String[]::new));
    assertFalse(String.join("\n", roomy.lines()).contains("MORE THAN"));
    StoreNeed need = roomy.memory().blobs();
    assertEquals(64L * 64 * 64 * 3, need.images());
    assertEquals(2 * 64 * need.group(), roomy.memory().inFlight());
    long step = need.least(StoreNeed.Kind.ALL) >> 20;
    String told = String.join("\n", plan("sd35-tiny", limited(keys, step + 1)).lines());
    assertTrue(told.contains(", MORE THAN workers.blob-megabytes: groups wait"), told);
    assertTrue(told.contains("stores      a group takes "), told);
    String refused =
        assertThrows(InvalidConfigException.class, () -> plan("sd35-tiny", limited(keys, step)))
            .getMessage();
    assertEquals(
        "workers.blob-megabytes is %d, and a step of 64 group(s) takes %d MiB at least in one process; raise it, or lower rollout.group-size or learner.groups-per-step"
            .formatted(step, step + 1),
        refused);
    // nodes of a cluster share it out
    long learner = need.least(StoreNeed.Kind.LEARNER) >> 20;
    List<String> nodes = new ArrayList<>(keys);
    nodes.add("cluster.seeds=[\"10.0.0.1:25520\"]");
    assertDoesNotThrow(() -> plan("sd35-tiny", limited(nodes, learner + 1)));
    assertThrows(InvalidConfigException.class, () -> plan("sd35-tiny", limited(nodes, learner)));
  }

  private static String[] limited(List<String> keys, long megabytes) {
    List<String> all = new ArrayList<>(keys);
    all.add("workers.blob-megabytes=" + megabytes);
    return all.toArray(String[]::new);
  }

  @Test
  void shouldRefuseWhatDoesNotFitAndSayWhatWould() {
    TrainConfig config =
        config(
            "sd35-tiny",
            "learner.gradient-checkpointing=off",
            "rollout.group-size=64",
            "workers.gradient=1");
    ComputeFactory compute = Assembly.factory(config, Optional.empty(), false);
    long needed = peak(config, compute);
    assertDoesNotThrow(() -> MemoryPlan.requireFits(config, compute, needed));
    String refused = refused(config, compute, needed - 1);
    assertTrue(refused.matches("this run takes about .* [MG]iB of memory, and this .*"), refused);
    assertTrue(
        refused.contains("with learner.gradient-checkpointing=on it would take about"), refused);
    TrainConfig checkpointed = config.with("learner.gradient-checkpointing=on");
    long less = peak(checkpointed, compute);
    String helped = refused(config, compute, less - 1);
    assertTrue(helped.contains("workers.gradient=0 it would take about"), helped);
    TrainConfig alone = config.with("rollout.chunk=4");
    String chunks = refused(config, compute, peak(alone, compute));
    assertTrue(chunks.contains("with rollout.chunk=4 it would take about"), chunks);
    String all = "learner.gradient-checkpointing=on workers.gradient=0 rollout.chunk=1";
    long least = peak(config.with(all.split(" ")), compute);
    String most = refused(config, compute, least);
    assertTrue(most.contains("with " + all + " it would take about"), most);
    String never = refused(config, compute, 1);
    assertTrue(never.contains("no setting saves enough: draw smaller or fewer"), never);
  }

  @Test
  void shouldCountAndRefuseWhatTrainingAllWeightsTakes() {
    // 124736 values of the transformer, less its table of 12 x 12 positions of width 32
    long bytes = 4 * (124736 - 12 * 12 * 32);
    String[] keys = {"model.train=full", "workers.rollout=1", "evaluation.every=0"};
    MemoryPlan plan = plan("sd3-tiny", keys).memory();
    assertEquals(
        7 * bytes,
        plan.trained(),
        "a sampler's, a learner's, their gradients, these summed, two moments and an average");
    assertEquals(8 * bytes, plan.states());
    assertEquals(4L * 116955 + 636352, plan.mapped() + plan.weights(), "no frozen transformer");
    MemoryPlan near =
        plan("sd3-tiny", "model.train=full", "learner.kl=velocity", "learner.kl-weight=1").memory();
    assertEquals(4L * (124736 + 116955) + 636352, near.mapped() + near.weights(), "a reference");
    TrainConfig config = config("sd3-tiny", keys);
    ComputeFactory compute = Assembly.factory(config, Optional.empty(), false);
    String told =
        assertThrows(
                InvalidConfigException.class,
                () -> VersionSize.requireHeap(config, compute, plan.states(), 4L << 20))
            .getMessage();
    assertTrue(told.contains("set ATELIER_JAVA_OPTS=-Xmx1g, or model.train=adapter"), told);
    assertDoesNotThrow(() -> VersionSize.requireHeap(config, compute, plan.states(), 16L << 20));
  }

  @Test
  void shouldSayThatImagesAndFeaturesNeedALargerHeap() {
    TrainConfig config = config("sd3-tiny", "evaluation.every=0");
    ComputeFactory compute = Assembly.factory(config, Optional.empty(), false);
    Logger log = (Logger) LoggerFactory.getLogger(VersionSize.class);
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    logged.start();
    log.addAppender(logged);
    try {
      VersionSize.requireHeap(config, compute, 512L << 20, 1L << 30);
      assertEquals(List.of(), logged.list);
      VersionSize.requireHeap(config, compute, 5L << 30, 4L << 30);
    } finally {
      log.detachAppender(logged);
    }
    String said = logged.list.get(0).getFormattedMessage();
    assertTrue(said.contains("about 5.5 GiB of Java heap"), said);
    assertTrue(said.contains("there is 4.0 GiB; set ATELIER_JAVA_OPTS=-Xmx6g"), said);
  }

  @Test
  void shouldRefuseAVersionThatNodesCannotSend() {
    TrainConfig config =
        config("sd3-tiny", "model.train=full", "transport.max-version-bytes=400000");
    ComputeFactory compute = Assembly.factory(config, Optional.empty(), false);
    String told =
        assertThrows(
                InvalidConfigException.class, () -> VersionSize.requireSendable(config, compute))
            .getMessage();
    assertTrue(told.matches("model.train = full: .* has 0.5 MiB; .* 0.4 MiB .*"), told);
    TrainConfig adapter = config.with("model.train=adapter", "model.adapter.rank=1");
    ComputeFactory small = Assembly.factory(adapter, Optional.empty(), false);
    assertDoesNotThrow(() -> VersionSize.requireSendable(adapter, small));
  }

  private static long peak(TrainConfig config, ComputeFactory compute) {
    return MemoryPlan.requireFits(config, compute, Long.MAX_VALUE).peak();
  }

  private static String refused(TrainConfig config, ComputeFactory compute, long here) {
    return assertThrows(
            InvalidConfigException.class, () -> MemoryPlan.requireFits(config, compute, here))
        .getMessage();
  }

  @Test
  void shouldCountNoiseLevelsWhereImagesAreLearnedFrom() {
    RunPlan plan = plan("emoji64", "learner.objective=awm", "learner.awm.times=4");
    long images = 8 * 12;
    assertEquals(2 * images * 10, plan.sampledLatents(), "both branches, ten steps, none shared");
    assertEquals(2 * images * 3 * 4, plan.trainedLatents());
    String line = plan.lines().stream().filter(l -> l.startsWith("step")).findFirst().get();
    assertTrue(line.endsWith("each image learned from at 4 noise levels"), line);
  }

  @ParameterizedTest
  @CsvSource({"1, 768, 3840", "2, 384, 3840", "4, 192, 3840"})
  void shouldSetUpdatesAgainstTheAlternatingLoopByTheStep(int updates, int own, int alternating) {
    RunPlan plan =
        plan(
            "emoji64",
            "learner.groups-per-step=48",
            "rollout.group-size=16",
            "learner.updates-per-step=" + updates);
    assertEquals(own, plan.imagesPerUpdate());
    String line = plan.lines().stream().filter(l -> l.startsWith("run")).findFirst().get();
    assertTrue(line.contains("%d for each update".formatted(own)), line);
    assertTrue(line.contains("would take %d)".formatted(alternating)), line);
  }
}
