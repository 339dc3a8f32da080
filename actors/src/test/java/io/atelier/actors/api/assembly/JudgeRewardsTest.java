package io.atelier.actors.api.assembly;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.JudgeConfig;
import io.atelier.actors.config.section.EnvironmentException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JudgeRewardsTest {

  private static JudgeConfig judge(String variable) {
    return TrainConfig.load(
            "dev",
            "reward.judge.taste.url=http://host/",
            "reward.judge.taste.model=vlm",
            "reward.judge.taste.key-variable=" + variable)
        .reward()
        .judges()
        .get(0);
  }

  @Test
  void shouldTakeTheKeyFromTheEnvironment() {
    assertEquals(
        Optional.of("sk-1"), JudgeRewards.key(judge("JUDGE_KEY"), Map.of("JUDGE_KEY", "sk-1")));
    assertEquals(Optional.empty(), JudgeRewards.key(judge(""), Map.of("JUDGE_KEY", "sk-1")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "sk secret", "secret\n", "secr\u00e9t"})
  void shouldRefuseAKeyThatIsNone(String key) {
    String told =
        assertThrows(
                EnvironmentException.class,
                () -> JudgeRewards.key(judge("JUDGE_KEY"), Map.of("JUDGE_KEY", key)))
            .getMessage();
    assertTrue(told.contains("reward.judge.taste.key-variable"), told);
    assertTrue(told.contains("JUDGE_KEY"), told);
    assertFalse(told.contains("secr"), told);
    assertThrows(EnvironmentException.class, () -> JudgeRewards.key(judge("JUDGE_KEY"), Map.of()));
  }
}
