package io.atelier.actors.api.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.TrainConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnreadKeysTest {

  private static List<String> lines(String preset, String... overrides) {
    return UnreadKeys.lines(TrainConfig.load(preset, overrides), false);
  }

  private static void assertNames(List<String> lines, String... parts) {
    assertEquals(1, lines.size(), lines.toString());
    for (String part : parts) {
      assertTrue(lines.get(0).contains(part), lines.get(0));
    }
  }

  /** Presets leave out parts of those that they are made from. */
  @Test
  void shouldNotNameWhatAPresetSets() {
    assertEquals(List.of(), lines("jpeg"));
    assertEquals(List.of(), lines("dev", "model.train=full", "evaluation.every=0"));
  }

  @Test
  void shouldNameAPresetThatAnotherIsMadeFromWithoutItsPlace() {
    List<String> changed = TrainConfig.load("jpeg").changed(List.of("critic.wrong-prompt"));
    assertEquals(1, changed.size());
    assertTrue(
        changed.get(0).matches("critic\\.wrong-prompt \\(set by preset dev: \\d+\\)"),
        changed.get(0));
  }

  @Test
  void shouldNameWhatTrainingAllWeightsDoesNotRead() {
    assertNames(
        lines("plain-head", "model.train=full", "model.adapter.rank=8"),
        "model.train is full",
        "model.adapter.rank (set by the command line)");
    assertNames(
        lines("dev", "model.train=full", "rollout.merge-adapter=true"),
        "rollout.merge-adapter (set by the command line)");
  }

  @Test
  void shouldNameHowOftenGroupsAreReplacedWhereNoneIs() {
    assertNames(
        lines("dev", "learner.flat-groups=drop", "learner.flat-replacements=5"),
        "learner.flat-groups is not replace",
        "learner.flat-replacements (set by the command line)");
    assertEquals(
        List.of(), lines("dev", "learner.flat-groups=replace", "learner.flat-replacements=5"));
  }

  @Test
  void shouldNameKeysOfTheOtherObjective() {
    assertNames(
        lines("dev", "learner.objective=awm", "rollout.noise-level=0.5", "learner.guard=true"),
        "learner.objective is awm: these settings change nothing: "
            + "rollout.noise-level (set by the command line), "
            + "learner.guard (set by the command line); leave");
    assertNames(
        lines("dev", "learner.awm.power=0.5"),
        "learner.objective is grpo",
        "learner.awm.power (set by the command line)");
    assertEquals(List.of(), lines("dev", "learner.objective=awm", "learner.awm.power=0.5"));
  }

  @Test
  void shouldNameKeysOfAnotherCreditByStep() {
    assertNames(
        lines("dev", "learner.credit.steps.alpha=2", "learner.credit.steps.normalise=step"),
        "learner.credit.steps.mode is none",
        "learner.credit.steps.alpha (set by the command line), learner.credit.steps.normalise");
    assertNames(
        lines("dev", "learner.credit.steps.mode=to-go", "learner.credit.steps.alpha=2"),
        "learner.credit.steps.mode is to-go",
        "learner.credit.steps.alpha (set by the command line)");
    assertEquals(
        List.of(),
        lines("dev", "learner.credit.steps.mode=gain", "learner.credit.steps.normalise=step"));
  }

  @Test
  void shouldNameKeysOfCreditByPlaceThatMoveNothing() {
    assertNames(
        lines("dev", "learner.credit.places.alpha=2"),
        "learner.credit.places.source is none",
        "learner.credit.places.alpha (set by the command line)");
    assertNames(
        lines("dev", "learner.credit.places.source=critic", "learner.credit.places.alpha=0"),
        "learner.credit.places.alpha is 0",
        "learner.credit.places.source (set by the command line)");
    assertEquals(
        List.of(),
        lines("dev", "learner.credit.places.source=contrast", "learner.credit.places.alpha=2"));
  }

  @Test
  void shouldNameKeysOfACriticThatThereIsNot() {
    assertNames(
        lines("jpeg", "reward.adversarial.kind=pickscore", "critic.head-steps=9"),
        "reward.adversarial.weight is 0",
        "reward.adversarial.kind (set by the command line)",
        "critic.head-steps (set by the command line)");
    assertEquals(
        List.of(),
        UnreadKeys.lines(TrainConfig.load("jpeg", "critic.head-steps=9"), true),
        "a program's reward may learn by it");
  }

  @Test
  void shouldNameKeysOfARewardInPlaceOfWhichAProgramHasItsOwn() {
    TrainConfig config =
        TrainConfig.load(
            "dev",
            "reward.jpeg.weight=2",
            "reward.critics.a.critic.every=2",
            "reward.graph.sum=[jpeg]",
            "reward.http.style.url=http://host/");
    assertEquals(
        List.of(
            "the reward comes from the program, which alone may read these settings: "
                + "reward.critics.a.critic.every (set by the command line), "
                + "reward.graph.sum (set by the command line), "
                + "reward.http.style.url (set by the command line), "
                + "reward.jpeg.weight (set by the command line)"),
        UnreadKeys.lines(config.withSupplied(List.of("warm")), true));
  }

  @Test
  void shouldNameKeysOfTheOtherKindOfCritic() {
    String pickscore = "reward.adversarial.kind=pickscore";
    String clip = "reward.adversarial.encoder=some/clip";
    assertNames(
        lines("dev", pickscore, clip, "critic.wrong-prompt=0.75"),
        "reward.adversarial.kind is pickscore: these settings change nothing: "
            + "critic.wrong-prompt (set by the command line); leave");
    assertNames(
        lines("dev", "reward.adversarial.trained-layers=3"),
        "reward.adversarial.kind is discriminator",
        "reward.adversarial.trained-layers (set by the command line)");
    assertEquals(List.of(), lines("dev", pickscore, clip));
  }

  @Test
  void shouldNameKeysOfEachCritic() {
    assertNames(
        lines(
            "dev",
            "reward.adversarial.hidden=64", // which the other inherits, and does not read
            "reward.critics.pick.kind=pickscore",
            "reward.critics.pick.encoder=some/clip",
            "reward.critics.pick.maps=[low]",
            "reward.critics.pick.critic.places=4"),
        "reward.critics.pick.kind is pickscore: these settings change nothing: "
            + "reward.critics.pick.maps (set by the command line), "
            + "reward.critics.pick.critic.places (set by the command line); leave");
    assertNames(
        lines("dev", "reward.critics.pick.weight=0", "reward.critics.pick.hidden=8"),
        "reward.critics.pick.weight is 0, which leaves it out",
        "reward.critics.pick.hidden (set by the command line)");
    assertEquals(
        List.of(),
        lines("jpeg", "reward.critics.look.weight=1", "critic.head-steps=9"),
        "the other critic inherits it");
  }

  @Test
  void shouldNotNameWhatAnotherCriticTakesOver() {
    String[] keys = {
      "reward.adversarial.kind=pickscore",
      "reward.adversarial.encoder=some/clip",
      "reward.critics.look.kind=discriminator",
      "reward.critics.look.encoder=efficientnet-lite0",
      "critic.places=8", // which a PickScore does not read
      "reward.critics.look.weight=1"
    };
    assertEquals(List.of(), lines("dev", keys));
    keys[5] = "reward.critics.look.critic.places=4";
    assertNames(
        lines("dev", keys),
        "reward.adversarial.kind is pickscore: these settings change nothing: "
            + "critic.places (set by the command line); leave");
    assertNames(
        lines(
            "jpeg",
            "reward.adversarial.hidden=16",
            "reward.critics.look.weight=1",
            "reward.critics.look.hidden=8"),
        "reward.adversarial.weight is 0, and each critic has its own: these settings change nothing: "
            + "reward.adversarial.hidden (set by the command line); leave");
  }

  @Test
  void shouldNameWhatAGraphDoesNotRead() {
    assertNames(
        lines("dev", "reward.graph.sum=[adversarial, jpeg]", "reward.jpeg.weight=2"),
        "reward.graph has weights of its own",
        "reward.jpeg.weight (set by the command line)");
    assertNames(
        lines("dev", "reward.graph=jpeg", "critic.head-steps=9"),
        "reward.graph does not name adversarial, so nothing learns",
        "critic.head-steps (set by the command line)");
    assertNames(
        lines("dev", "reward.graph.sum=[adversarial]", "reward.critics.low.hidden=8"),
        "reward.graph does not name low, which leaves it out",
        "reward.critics.low.hidden (set by the command line)");
    assertEquals(
        List.of(),
        lines(
            "jpeg",
            "reward.critics.low.hidden=8",
            "reward.graph.sum=[low, adversarial]",
            "critic.head-steps=9"));
  }

  @Test
  void shouldNameKeysOfAServerThatIsLeftOut() {
    String url = "reward.http.style.url=http://host/";
    assertNames(
        lines("dev", url, "reward.http.style.weight=0", "reward.http.style.timeout=5s"),
        "reward.http.style.weight is 0, which leaves it out: these settings change nothing: "
            + "reward.http.style.timeout (set by the command line), "
            + "reward.http.style.url (set by the command line); leave");
    assertEquals(List.of(), lines("dev", url, "reward.http.style.timeout=5s"));
    assertNames(
        lines("dev", url, "reward.graph.sum=[style]", "reward.http.style.weight=2"),
        "reward.graph has weights of its own: these settings change nothing: "
            + "reward.http.style.weight (set by the command line); leave");
    assertNames(
        lines("dev", url, "reward.graph=adversarial"),
        "reward.graph does not name style, which leaves it out: these settings change nothing: "
            + "reward.http.style.url (set by the command line); leave");
    assertEquals(List.of(), lines("dev", url, "reward.graph.sum=[adversarial, style]"));
  }

  @Test
  void shouldNameAnEncoderByWhichNothingIsCompared() {
    assertNames(
        lines("dev", "reward.features.encoder-pixels=64", "reward.colour.weight=1"),
        "neither similarity nor diversity is scored",
        "reward.features.encoder-pixels (set by the command line)");
    assertEquals(
        List.of(), lines("dev", "reward.features.encoder-pixels=64", "reward.similarity.weight=1"));
    assertNames(
        lines("dev", "reward.graph.sum=[adversarial, colour]", "reward.colour.weight=2"),
        "reward.graph has weights of its own",
        "reward.colour.weight (set by the command line)");
  }

  @Test
  void shouldNameKeysOfAJudgeThatIsLeftOut() {
    String[] keys = {
      "reward.judge.taste.url=http://host/", "reward.judge.taste.model=vlm", "reward.graph=taste"
    };
    assertEquals(List.of(), lines("jpeg", keys));
    keys[2] = "reward.judge.taste.weight=0";
    assertNames(
        lines("jpeg", keys),
        "reward.judge.taste.weight is 0, which leaves it out: these settings change nothing: "
            + "reward.judge.taste.model (set by the command line), "
            + "reward.judge.taste.url (set by the command line); leave");
    assertNames(
        lines("jpeg", keys[0], keys[1], "reward.judge.taste.weight=2", "reward.graph=taste"),
        "reward.graph has weights of its own: these settings change nothing: "
            + "reward.judge.taste.weight (set by the command line); leave");
  }

  @Test
  void shouldNameKeysOfAMeasurementThatThereIsNot() {
    assertNames(
        lines("dev", "evaluation.every=0", "evaluation.steps=5"),
        "evaluation.every is 0",
        "evaluation.steps (set by the command line)");
    assertEquals(
        List.of(),
        lines("dev", "evaluation.every=0", "evaluation.prompts=5", "evaluation.shown=5"),
        "how many prompts are held out");
  }

  @Test
  void shouldNameKeysOfPicturesThatThereAreNot() {
    assertNames(
        lines("dev", "pictures.megabytes=0", "pictures.pixels=256"),
        "pictures.megabytes is 0, so no pictures are made",
        "pictures.pixels (set by the command line)");
    assertEquals(List.of(), lines("dev", "pictures.megabytes=1", "pictures.pixels=256"));
  }

  @Test
  void shouldNameWhatOnlyOneHeadDoesNotRead() {
    assertNames(
        lines("dev", "reward.adversarial.aggregate=min", "critic.bootstrap=0.5"),
        "critic.members is 1",
        "reward.adversarial.aggregate (set by the command line)",
        "critic.bootstrap (set by the command line)");
    assertEquals(List.of(), lines("dev", "reward.adversarial.aggregate=min", "critic.members=2"));
  }

  @Test
  void shouldNameWhatIsSetOfAPriorThatThereIsNot() {
    assertNames(
        lines("dev", "reward.adversarial.residual.scale=2"),
        "reward.adversarial.residual.prior is empty",
        "reward.adversarial.residual.scale (set by the command line)");
    assertEquals(
        List.of(),
        lines(
            "dev",
            "reward.adversarial.residual.scale=2",
            "reward.adversarial.residual.prior=red",
            "reward.http.red.url=http://127.0.0.1:1/score",
            "reward.http.red.weight=0"),
        "the server is left out of the sum, but asked");
  }

  @Test
  void shouldNameSettingsOfAPlugInThatIsLeftOut() {
    assertNames(
        lines("dev", "reward.plugins.style.weight=0", "reward.plugins.style.settings.goal=1"),
        "reward.plugins.style.weight is 0, which leaves it out",
        "reward.plugins.style.settings.goal (set by the command line)");
  }
}
