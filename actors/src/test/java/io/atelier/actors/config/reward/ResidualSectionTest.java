package io.atelier.actors.config.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.reward.adversarial.ResidualConfig;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResidualSectionTest {

  private static final String FIRST = "reward.adversarial.residual.";

  private static String refused(String... keys) {
    return assertThrows(InvalidConfigException.class, () -> TrainConfig.load("dev", keys))
        .getMessage();
  }

  @Test
  void shouldHaveNoPriorUnlessOneIsNamed() {
    RewardConfig none = TrainConfig.load("dev", FIRST + "scale=3").reward();
    assertEquals(Optional.empty(), none.adversarial().get(0).prior());
    assertFalse(none.isPrior("jpeg"));
    RewardConfig some = TrainConfig.load("dev", FIRST + "prior=jpeg").reward();
    assertEquals(
        Optional.of(new ResidualConfig("jpeg", 1, true, 0, 0)),
        some.adversarial().get(0).discriminator().residual());
    assertTrue(some.isPrior("jpeg"));
    assertFalse(some.scoresJpeg(), "it is no summand");
    assertFalse(
        TrainConfig.load("jpeg", FIRST + "prior=jpeg").reward().isPrior("jpeg"),
        "a critic that is left out has none");
  }

  /** What a named critic leaves out is as the first one has it. */
  @Test
  void shouldGiveEachCriticItsOwn() {
    RewardConfig reward =
        TrainConfig.load(
                "dev",
                FIRST + "prior=jpeg",
                "reward.http.style.url=http://127.0.0.1:1/score",
                "reward.http.style.weight=0",
                "reward.critics.a.weight=1",
                "reward.critics.a.residual.scale=-2",
                "reward.critics.a.critic.loss=logistic",
                "reward.critics.a.residual.agree=0.1",
                "reward.critics.b.weight=1",
                "reward.critics.b.residual.prior=style",
                "reward.critics.c.weight=1",
                "reward.critics.c.residual.prior=")
            .reward();
    assertEquals(
        Optional.of(new ResidualConfig("jpeg", -2, true, 0.1, 0)),
        reward.adversarial().get(1).discriminator().residual());
    assertEquals(Optional.of("style"), reward.adversarial().get(2).prior());
    assertEquals(Optional.empty(), reward.adversarial().get(3).prior());
    assertEquals(1, reward.asked().size());
    assertEquals(0, reward.served().size());
  }

  @ParameterizedTest
  @CsvSource({"sharp", "ocr", "adversarial"})
  void shouldNameThePriorsThereAre(String name) {
    String told = refused(FIRST + "prior=" + name);
    assertTrue(
        told.startsWith(
            ("reward.adversarial.residual.prior is \"%s\", must be the name of a reward that does not"
                    + " learn and scores every image: aesthetic, artifact, clip-score, hpsv2,"
                    + " jpeg, pickscore, sharpness")
                .formatted(name)),
        told);
    assertTrue(told.contains("set by the command line"), told);
  }

  @Test
  void shouldSayWhatDoesNotGoTogether() {
    String prior = FIRST + "prior=jpeg";
    assertTrue(
        refused(FIRST + "prior=pickscore")
            .startsWith("reward.pickscore.model is empty, must name the folder of a CLIP, since"),
        refused(FIRST + "prior=pickscore"));
    assertTrue(
        refused(prior, FIRST + "agree=0.1")
            .startsWith("reward.adversarial.residual.agree is 0.1, must be 0 unless the critic's"));
    assertTrue(
        refused(prior, FIRST + "disagree=0.1", "critic.loss=hinge")
            .startsWith("reward.adversarial.residual.disagree is 0.1, must be 0 unless"));
    assertTrue(
        refused(FIRST + "scale=0").startsWith("reward.adversarial.residual.scale 0.0 must be"),
        refused(FIRST + "scale=0"));
    String clip =
        refused(
            prior,
            "reward.critics.a.weight=1",
            "reward.critics.a.kind=pickscore",
            "reward.critics.a.encoder=/clip");
    assertTrue(
        clip.startsWith(
            "reward.critics.a.residual.prior is jpeg, must be empty where kind is pickscore"),
        clip);
    String shared = refused(prior, "reward.adversarial.shared-projection=true");
    assertTrue(shared.contains("set it or residual.sees-prior to false"), shared);
  }
}
