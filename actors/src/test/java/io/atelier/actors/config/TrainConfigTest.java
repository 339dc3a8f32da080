package io.atelier.actors.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValue;
import io.atelier.actors.config.reward.AdversarialKind;
import io.atelier.actors.config.reward.NamedSections;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.config.section.Reference;
import io.atelier.actors.config.section.Section;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.learner.loss.AwmConfig;
import io.atelier.learner.loss.Clip;
import io.atelier.models.optim.AdamConfig;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.reward.adversarial.Aggregate;
import io.atelier.reward.adversarial.CriticLoss;
import io.atelier.reward.adversarial.EnsembleConfig;
import io.atelier.rollout.flow.ForwardTimes;
import io.atelier.rollout.flow.StepKind;
import io.atelier.rollout.flow.TrainedWindow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainConfigTest {

  @TempDir Path folder;

  static Set<String> presets() {
    return TrainConfig.presets().keySet();
  }

  /** A preset with what it leaves to its user. */
  private static TrainConfig given(String preset) {
    return TrainConfig.load(
        preset,
        "model.path=/m",
        "data.prompts=p.txt",
        "data.references=r.json",
        "reward.adversarial.encoder=/e",
        "reward.pickscore.model=/p",
        "rollout.height=512",
        "rollout.width=512");
  }

  @ParameterizedTest
  @MethodSource("presets")
  void shouldParsePresetAndReadItBackEqual(String preset) throws IOException {
    TrainConfig config = given(preset);
    Path file = Files.writeString(folder.resolve("config.conf"), config.render());
    assertEquals(config, TrainConfig.read(file, List.of()));
  }

  @Test
  void shouldBuildOnePresetOnAnother() {
    TrainConfig dev = TrainConfig.load("dev");
    TrainConfig jpeg = TrainConfig.load("jpeg");
    assertEquals(dev.workers(), jpeg.workers());
    assertEquals(dev.run(), jpeg.run());
    assertEquals(List.of(), jpeg.reward().learned());
    assertEquals(1, jpeg.reward().jpeg());
  }

  @Test
  void shouldLearnFromImagesInItsPreset() {
    TrainConfig dev = TrainConfig.load("dev");
    TrainConfig awm = TrainConfig.load("awm-fast");
    assertEquals(
        Optional.of(new AwmConfig(new ForwardTimes(3, 1, 9), 0.25, 1, Clip.of(1), 0)),
        awm.learner().awm());
    assertEquals(1, awm.rollout().guidance());
    assertEquals(dev.evaluation(), awm.evaluation(), "both are measured alike");
    assertEquals(dev.learner().optimizer(), awm.learner().optimizer());
  }

  @Test
  void shouldListEveryPresetThatLiesBesideTheList() throws IOException {
    Path presets =
        Path.of(
            System.getProperty("atelier.root"),
            "cluster-conf/src/main/resources/io/atelier/presets");
    try (Stream<Path> files = Files.list(presets)) {
      Set<String> names =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".conf"))
              .map(name -> name.substring(0, name.length() - ".conf".length()))
              .collect(Collectors.toCollection(TreeSet::new));
      assertEquals(names, new TreeSet<>(presets()));
    }
  }

  @Test
  void shouldReadEveryKeyOfTheReferenceAndNoOther() {
    Set<String> read = new HashSet<>();
    Layers all =
        Layers.reference()
            .overrides(
                List.of(
                    "reward.http.a.url=http://host/",
                    "reward.judge.b.url=http://host/",
                    "reward.judge.b.model=vlm",
                    "reward.plugins.c.weight=1"));
    TrainConfig.of(all.tree(), read);
    Set<String> keys =
        Reference.tree().entrySet().stream().map(Map.Entry::getKey).collect(Collectors.toSet());
    Set<String> models = read.stream().map(NamedSections::model).collect(Collectors.toSet());
    assertEquals(new TreeSet<>(keys), new TreeSet<>(models));
  }

  @Test
  void shouldExplainEveryKeyOfTheReference() {
    Config reference = Reference.tree();
    for (Map.Entry<String, ConfigValue> entry : reference.entrySet()) {
      List<String> comments = entry.getValue().origin().comments();
      assertFalse(comments.isEmpty(), entry.getKey() + " has no comment");
    }
  }

  @Test
  void shouldLetLaterLayersWin() throws IOException {
    Path file = Files.writeString(folder.resolve("my.conf"), "run { steps = 7, seed = 8 }");
    TrainConfig config =
        TrainConfig.load("dev", List.of(file), List.of("run.seed=9", "run.dir=/a b//c:d"));
    assertEquals(7, config.run().steps());
    assertEquals(9, config.run().seed());
    assertEquals("/a b//c:d", config.run().dir());
  }

  @Test
  void shouldRecordThreadsOfThisMachine() {
    int cores = Runtime.getRuntime().availableProcessors();
    TrainConfig all = TrainConfig.load("dev", "run.threads=0");
    assertEquals(cores, all.run().threads());
    assertTrue(all.render().contains("threads=" + cores));
    assertEquals(1, TrainConfig.load("dev", "run.threads=1").run().threads());
  }

  @Test
  void shouldReadHowManyHeadsACriticHas() {
    EnsembleConfig one = ensemble(TrainConfig.load("dev"));
    assertEquals(new EnsembleConfig(1, 0.8, Aggregate.MEAN), one);
    TrainConfig several =
        TrainConfig.load(
            "dev",
            "critic.members=4",
            "critic.bootstrap=0.5",
            "reward.adversarial.aggregate=mean-std");
    assertEquals(new EnsembleConfig(4, 0.5, Aggregate.MEAN_STD), ensemble(several));
    assertRefused("critic.members=0", "critic.members 0 must be 1 to 64");
    assertRefused("critic.bootstrap=0", "critic.bootstrap 0.0 must be above 0");
    assertRefused("reward.adversarial.aggregate=max", "mean-std");
  }

  private static EnsembleConfig ensemble(TrainConfig config) {
    return config.reward().adversarial().get(0).discriminator().ensemble();
  }

  private static void assertRefused(String override, String part) {
    InvalidConfigException refused =
        assertThrows(InvalidConfigException.class, () -> TrainConfig.load("dev", override));
    assertTrue(refused.getMessage().contains(part), refused.getMessage());
  }

  /** The preset builds on dev, whose critic is another; published values from arXiv 2511.20256. */
  @Test
  void shouldKeepThePublishedHeadAsItWasPublished() {
    TrainConfig plain = TrainConfig.load("plain-head");
    assertEquals(0.7, plain.reward().adversarial().get(0).discriminator().globalWeight());
    assertEquals(0.3, plain.reward().adversarial().get(0).discriminator().localWeight());
    assertEquals(0.3, plain.critic().localLoss());
    assertEquals(1, plain.critic().headSteps());
    assertEquals(1, plain.critic().skipAbove());
    assertEquals(0, plain.critic().featureNoise());
    assertEquals(0, plain.critic().wrongPrompt());
    assertEquals(1, plain.critic().ownPrompt());
    assertEquals(0, plain.critic().replayCapacity());
  }

  /**
   * Of arXiv 2511.20256 and its program (adv-grpo-*), and of the program of arXiv 2505.05470
   * (flow-grpo-*); where two presets differ most easily by mistake.
   */
  @ParameterizedTest
  @CsvSource({
    "adv-grpo-dino,       16, cps, 0.8, 0, 2, 2, 1e-5, 3e-4, batch, 0.0, 2",
    "adv-grpo-dino-paper, 16, sde, 0.7, 0, 6, 2, 1e-4, 3e-4, group, 0.0, 1",
    "adv-grpo-pickscore,  16, cps, 0.8, 0, 2, 2, 1e-5, 3e-4, batch, 0.0, 2",
    "flow-grpo-pickscore, 24, sde, 0.7, 0, 9, 9, 1e-4, 3e-4, batch, 0.01, 2",
    "flow-grpo-guard,     24, sde, 0.7, 0, 9, 9, 4e-6, 1e-4, group, 0.0, 2",
    "flow-grpo-fast,      24, cps, 0.8, 0, 5, 3, 1e-5, 3e-4, batch, 0.0, 2"
  })
  void shouldKeepPublishedSettings(
      String preset,
      int groupSize,
      String kernel,
      double noise,
      int from,
      int to,
      int trained,
      double clip,
      double learningRate,
      String spread,
      double penalty,
      int updates) {
    TrainConfig config = given(preset);
    assertEquals(groupSize, config.rollout().groupSize());
    assertEquals(kernel, Section.spelled(config.rollout().kind()));
    assertEquals(noise, config.rollout().noiseLevel());
    assertEquals(new TrainedWindow(trained, from, to), config.rollout().window());
    assertEquals(10, config.rollout().steps());
    assertEquals(4.5, config.rollout().guidance());
    assertFalse(config.rollout().sharedStart());
    assertEquals(Clip.of(clip), config.learner().loss().clip());
    assertEquals(learningRate, config.learner().optimizer().learningRate());
    assertEquals(spread, config.tree().getString("learner.advantage.spread"));
    assertEquals(penalty, config.learner().loss().klWeight());
    assertEquals(preset.equals("flow-grpo-guard"), config.learner().loss().guard());
    assertEquals(updates, config.learner().updatesPerStep());
    assertEquals(48, config.groupsPerStep());
    assertEquals(
        new AdapterConfig(32, 64, config.model().adapter().targets()), config.model().adapter());
    assertEquals(40, config.evaluation().steps());
  }

  @Test
  void shouldTrainPickScoreAsItWasPublished() {
    TrainConfig config = given("adv-grpo-pickscore");
    assertEquals(AdversarialKind.PICKSCORE, config.reward().adversarial().get(0).kind());
    assertEquals(2, config.reward().adversarial().get(0).trainedLayers());
    assertEquals(AdamConfig.discriminator(5e-6), config.critic().adam());
    assertEquals(1, config.critic().headSteps());
    assertEquals(Optional.of(CriticLoss.LOGISTIC), config.critic().loss());
  }

  /** Every key is read by both kinds of adversarial reward, or said to be read by one. */
  @Test
  void shouldKnowWhichKindReadsAKey() {
    List<String> both =
        List.of(
            "reward.adversarial.weight",
            "reward.adversarial.kind",
            "reward.adversarial.encoder",
            "critic.learning-rate",
            "critic.beta1",
            "critic.beta2",
            "critic.epsilon",
            "critic.weight-decay",
            "critic.every",
            "critic.trigger",
            "critic.head-steps",
            "critic.loss");
    List<String> sorted = new ArrayList<>(both);
    for (AdversarialKind kind : AdversarialKind.values()) {
      sorted.addAll(kind.unread());
    }
    Set<String> keys = new HashSet<>();
    for (String section : List.of("reward.adversarial", "critic")) {
      Reference.tree()
          .getConfig(section)
          .entrySet()
          .forEach(entry -> keys.add(section + "." + entry.getKey()));
    }
    assertEquals(keys, Set.copyOf(sorted));
    assertEquals(keys.size(), sorted.size(), "one is named twice");
  }

  @Test
  void shouldNameWhatIsSetAndNotRead() {
    for (String preset : TrainConfig.presets().keySet()) {
      TrainConfig config = given(preset);
      assertEquals(
          List.of(), config.changed(config.reward().adversarial().get(0).unread()), preset);
    }
    TrainConfig changed =
        TrainConfig.load(
            "jpeg", "reward.adversarial.trained-layers=3", "critic.loss=cross-entropy");
    assertEquals(Optional.of(CriticLoss.CROSS_ENTROPY), changed.critic().loss());
    assertEquals(
        List.of("reward.adversarial.trained-layers (set by the command line)"),
        changed.changed(AdversarialKind.DISCRIMINATOR.unread()));
    assertEquals(
        List.of("model.adapter.rank (set by the command line)"),
        TrainConfig.load("jpeg", "model.adapter.rank=4", "model.adapter.alpha=64.0")
            .changed(List.of("model.adapter")));
    assertEquals(
        List.of(
            "reward.adversarial.global-weight",
            "reward.adversarial.local-weight",
            "critic.local-loss",
            "critic.wrong-prompt"),
        TrainConfig.load("dev").changed(AdversarialKind.PICKSCORE.unread()).stream()
            .map(text -> text.replaceFirst(" \\(set by preset dev: \\d+\\)$", ""))
            .toList());
  }

  @Test
  void shouldTrainAllStepsThatDrawNoiseWhereNoEndIsNamed() {
    assertEquals(8, TrainConfig.load("dev").rollout().window().to());
    assertEquals(3, TrainConfig.load("dev", "rollout.steps=5").rollout().window().to());
    assertEquals(9, TrainConfig.load("dev", "rollout.kernel=sde").rollout().window().to());
    assertEquals(9, TrainConfig.load("dev", "rollout.trained-to=9").rollout().window().to());
  }

  @Test
  void shouldDrawWithoutNoiseWhereImagesAreLearnedFrom() {
    TrainConfig awm =
        TrainConfig.load("dev", "learner.objective=awm", "rollout.steps=9", "learner.awm.times=5");
    assertEquals(StepKind.ODE, awm.rollout().kind());
    assertEquals(TrainedWindow.NONE, awm.rollout().window());
    assertFalse(awm.rollout().sharedStart(), "else all images of a group were one");
    assertEquals(new ForwardTimes(5, 1, 8), awm.learner().awm().orElseThrow().times());
    assertEquals(5, awm.learner().rows(0));
    assertEquals(Optional.empty(), TrainConfig.load("dev", "learner.awm.times=99").learner().awm());
  }

  @Test
  void shouldTakeDepthFromLagUnlessFreeRunning() {
    TrainConfig lagging =
        TrainConfig.load("dev", "schedule.mode=fixed-lag", "schedule.policy-lag=2");
    assertEquals(Schedule.fixedLag(2, 0), lagging.schedule());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "run.stpes=3 | unknown key run.stpes (set by the command line); did you mean run.steps?",
        "learner.micro-batch=2 | learner.micro-batch is called rollout.chunk now (set by the command"
            + " line)",
        "critic.pair-loss=logistic | critic.pair-loss is called critic.loss, which a discriminator"
            + " reads too and had as hinge, now (set by the command line)",
        "critic.loss=bce | critic.loss = \"bce\" must be one of own, hinge, cross-entropy, logistic"
            + " (set by the command line)",
        "rollout.seed=3 | unknown key rollout.seed (set by the command line); did you mean"
            + " run.seed?",
        "run.steps.more=3 | run.steps is a value, it has no keys of its own (set by the command"
            + " line)",
        "run=3 | run = 3: run is a section, give one of its keys: accept, amendments, dir, seed, steps,"
            + " threads (set by the command line)",
        "run.steps=0 | run.steps is 0, must be at least 1 (set by the command line)",
        "pictures.megabytes=-1 | pictures.megabytes is -1, must not be negative; 0 makes no pictures (set by the command line)",
        "pictures.pixels=8 | pictures.pixels is 8, must be 16 to 8192 (set by the command line)",
        "pictures.groups=-1 | pictures.groups is -1, must not be negative (set by the command line)",
        "reward.ocr.weight=-1 | reward.ocr.weight is -1.0, must not be negative (set by the command line)",
        "reward.jpeg.weight=-1 | reward.jpeg.weight is -1.0, must not be negative (set by the command line)",
        "learner.objective=ppo | learner.objective = \"ppo\" must be one of grpo, awm (set by the command"
            + " line)",
        "run.steps=many | run.steps = \"many\" must be a whole number (set by the command line)",
        "run.steps=1.5 | run.steps = 1.5 must be a whole number (set by the command line)",
        "run.steps=3000000000 | run.steps = 3000000000 must be a whole number between -2147483648"
            + " and 2147483647 (set by the command line)",
        "run.steps=null | run.steps has no value (set by the command line)",
        "evaluation.guidance=high | evaluation.guidance = \"high\" must be a number (set by the"
            + " command line)",
        "schedule.mode=lagging | schedule.mode = \"lagging\" must be one of sync, fixed-lag,"
            + " free-running (set by the command line)",
        "limits.load=5 parsecs | limits.load = \"5 parsecs\" must be a length of time with a unit,"
            + " such as 30s or 500ms (set by the command line)",
        "schedule.policy-lag=1 | schedule: a sync schedule has no lag, got policy lag 1 and critic"
            + " lag 0; choose fixed-lag",
        "evaluation.shown=1000 | evaluation.shown is 1000, must be between 1 and"
            + " evaluation.prompts, which is 100 (set by the command line)",
        "rollout.steps=0 | rollout.steps must be 2 to 4096, since the last is never trained, got 0"
            + " (set by the command line)",
        "rollout.noise-level=2 | rollout.noise-level must be above 0, and at most 1 for cps, got"
            + " 2.0 for CPS (set by the command line)",
        "rollout.trained-to=1 | rollout.trained-steps 2 does not fit into the denoising steps 0"
            + " to 1 (exclusive) (the default)",
        "learner.updates-per-step=5 | learner.groups-per-step 12 does not divide into 5 optimizer"
            + " updates (the default)",
        "rollout.chunk=3 | rollout.chunk 3 does not divide groups of 8 samples (set by the command"
            + " line)",
        "rollout.chunk=-1 | rollout.chunk must be at least 1, or 0 for a whole group, got -1 (set"
            + " by the command line)",
        "learner.learning-rate=0 | learner.learning-rate must be positive and finite, got 0.0 (set"
            + " by the command line)",
        "critic.head-steps=0 | critic.head-steps 0 must be at least 1 (set by the command line)",
        "reward.adversarial.hidden=0 | reward.adversarial.hidden 0 must be at least 1 (set by the"
            + " command line)",
        "model.adapter.rank=0 | model.adapter.rank is 0, must be at least 1 (set by the command"
            + " line)",
        "model.adapter.alpha=0 | model.adapter.alpha is 0.0, must be positive (set by the command"
            + " line)",
        "cluster.seeds=[] | cluster.seeds is empty, must name a node to join by, be it this one (set by"
            + " the command line)",
        "cluster.seeds=[\"a:70000\"] | cluster.seeds has \"a:70000\", must be host:port, as in"
            + " 10.0.0.1:25520 or [fd00::1]:25520 (set by the command line)",
        "steps | \"steps\" is not an override; write key=value, as in run.steps=20",
        "a..b=1 | \"a..b\" is not a key",
      })
  void shouldNameKeyValueSourceAndRule(String override, String message) {
    InvalidConfigException e =
        assertThrows(InvalidConfigException.class, () -> TrainConfig.load("dev", override));
    assertEquals(message, e.getMessage());
  }

  @Test
  void shouldNameTheLineOfAFile() throws IOException {
    Path file = Files.writeString(folder.resolve("my.conf"), "run {\n  seed = 1\n  step = 2\n}\n");
    InvalidConfigException e =
        assertThrows(
            InvalidConfigException.class, () -> TrainConfig.load("dev", List.of(file), List.of()));
    assertEquals(
        "unknown key run.step (set by %s: 3); did you mean run.steps?".formatted(file),
        e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\"b.conf\"", "file(\"b.conf\")", "required(\"b.conf\")", "\"%s/b.conf\""})
  void shouldIncludeFilesBesideTheOneThatSaysSo(String what) throws IOException {
    Path sub = Files.createDirectory(folder.resolve("sub"));
    Files.writeString(sub.resolve("b.conf"), "run.steps = 44\ninclude \"c.conf\"");
    Files.writeString(sub.resolve("c.conf"), "run.seed = 5");
    Path file = Files.writeString(sub.resolve("a.conf"), "include " + what.formatted(sub));
    TrainConfig config = TrainConfig.load("dev", List.of(file), List.of());
    assertEquals(44, config.run().steps());
    assertEquals(5, config.run().seed());
  }

  @ParameterizedTest
  @CsvSource({
    "include \"no.conf\", no.conf does not exist",
    "include file(\"no.conf\"), no.conf does not exist",
    "include \"a.conf\", includes itself",
    "include classpath(\"no.conf\"), only files can be included",
    "include url(\"file:/no.conf\"), only files can be included"
  })
  void shouldLeaveOutNoInclude(String text, String said) throws IOException {
    Path file = Files.writeString(folder.resolve("a.conf"), text);
    InvalidConfigException e =
        assertThrows(
            InvalidConfigException.class, () -> TrainConfig.load("dev", List.of(file), List.of()));
    assertTrue(e.getMessage().contains(said), e.getMessage());
    assertTrue(e.getMessage().contains("a.conf"), e.getMessage());
  }

  @Test
  void shouldNameAFileThatIsNotUtf8OrAFolder() throws IOException {
    Path latin = folder.resolve("latin1.conf");
    Files.write(latin, new byte[] {'#', (byte) 0xe9, '\n'});
    for (Path file : List.of(latin, folder)) {
      InvalidConfigException e =
          assertThrows(
              InvalidConfigException.class,
              () -> TrainConfig.load("dev", List.of(file), List.of()));
      String said = file.equals(latin) ? " is not UTF-8" : " is a folder";
      assertTrue(e.getMessage().contains(file + said), e.getMessage());
    }
  }

  @Test
  void shouldRefuseFileThatIsNoHocon() throws IOException {
    Path file = Files.writeString(folder.resolve("my.conf"), "run {\n  seed = [\n}\n");
    InvalidConfigException e =
        assertThrows(
            InvalidConfigException.class, () -> TrainConfig.load("dev", List.of(file), List.of()));
    assertTrue(e.getMessage().startsWith(file + ": 3"), e.getMessage());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
  }

  @Test
  void shouldRefuseUnknownPresetAndMissingFile() {
    InvalidConfigException preset =
        assertThrows(InvalidConfigException.class, () -> TrainConfig.load("def"));
    assertTrue(preset.getMessage().contains("did you mean dev?"), preset.getMessage());
    Path missing = folder.resolve("missing.conf");
    InvalidConfigException file =
        assertThrows(
            InvalidConfigException.class,
            () -> TrainConfig.load("dev", List.of(missing), List.of()));
    assertTrue(file.getMessage().contains(missing.toString()), file.getMessage());
  }

  @Test
  void shouldMakePlacesAbsoluteAndLeaveNamesAlone() throws IOException {
    Path model = Files.createDirectory(folder.resolve("mobilenet-v2"));
    Path file = Files.writeString(folder.resolve("set.json"), "{}");
    Path here = Path.of("").toAbsolutePath();
    String[] folders = {"model.path", "model.adapter.from", "reward.pickscore.model"};
    String[] files = {
      "run.amendments", "data.prompts", "data.held-out", "data.references", "evaluation.encoder"
    };
    List<String> keys = new ArrayList<>(List.of("rollout.height=64"));
    Stream.of(folders).forEach(key -> keys.add(key + "=" + here.relativize(model)));
    Stream.of(files).forEach(key -> keys.add(key + "=" + here.relativize(file)));
    Config places =
        TrainConfig.load("dev", keys.toArray(String[]::new)).withAbsolutePlaces().tree();
    Stream.of(folders).forEach(key -> assertEquals(model.toString(), places.getString(key), key));
    Stream.of(files).forEach(key -> assertEquals(file.toString(), places.getString(key), key));
    TrainConfig names = TrainConfig.load("dev", "data.held-out=0.5", "data.references=flat");
    assertEquals(names.tree(), names.withAbsolutePlaces().tree());
  }

  /** Whoever takes a run over reads what the leader before had, whose address is not its own. */
  @Test
  void shouldReadTheConfigurationOfAnotherMachine() {
    for (String host : List.of("192.0.2.1", "nobody.invalid")) {
      TrainConfig config =
          TrainConfig.load("dev", "cluster.trust-network=true", "cluster.host=" + host);
      assertEquals(TrainConfig.load("dev").deciding(), config.deciding());
      // a name may be known later, so a node that has one is to be started again
      Class<? extends RuntimeException> type =
          host.startsWith("1") ? InvalidConfigException.class : UncheckedIOException.class;
      String refused = assertThrows(type, config.cluster()::requireHere).getMessage();
      assertTrue(refused.contains("cluster.host is " + host), refused);
    }
    TrainConfig.load("dev").cluster().requireHere();
  }
}
