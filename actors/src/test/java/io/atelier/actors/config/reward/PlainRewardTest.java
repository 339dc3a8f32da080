package io.atelier.actors.config.reward;

import static io.atelier.reward.graph.Node.leaf;
import static io.atelier.reward.graph.Node.sum;
import static io.atelier.reward.graph.Node.weightedMean;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.PlainReward.Kind;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.reward.graph.Node;
import io.atelier.reward.graph.Over;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlainRewardTest {

  @TempDir Path folder;

  private static RewardConfig reward(String... overrides) {
    return TrainConfig.load("dev", overrides).reward();
  }

  private static List<Kind> scored(RewardConfig reward) {
    return reward.scoredPlain().stream().map(PlainReward::kind).toList();
  }

  @Test
  void shouldScoreWhatHasAWeightOrIsNamedByTheGraph() {
    assertEquals(List.of(), scored(reward()));
    RewardConfig alone = reward("reward.adversarial.weight=0", "reward.sharpness.weight=0.5");
    assertEquals(List.of(Kind.SHARPNESS), scored(alone));
    assertEquals(List.of(), alone.learned());
    RewardConfig named =
        reward("reward.sharpness.weight=1", "reward.graph.sum=[adversarial, colour, diversity]");
    assertEquals(List.of(Kind.COLOUR, Kind.DIVERSITY), scored(named));
    assertTrue(named.readsFeatures());
    assertFalse(reward("reward.frame.weight=1").readsFeatures());
  }

  @Test
  void shouldReadTheOperationsOfAGraph() {
    Node agent =
        sum(
            leaf("adversarial").normalised(Over.GROUP),
            weightedMean(leaf("colour").weight(0.5), leaf("frame")).weight(2));
    assertEquals(
        Optional.of(agent),
        reward(
                "reward.graph.sum=[{normalise=adversarial, over=group},"
                    + " {weighted-mean=[{leaf=colour, weight=0.5}, frame], weight=2}]")
            .graph());
    assertEquals(
        Optional.of(leaf("jpeg").winRate(0.5)),
        reward("reward.graph={win-rate=jpeg, temperature=0.5}").graph());
  }

  @Test
  void shouldReadWhichVectorIsCompared() {
    assertEquals(Optional.empty(), reward().features().vector());
    FeaturesConfig own = reward("reward.features.vector=cls").features();
    assertEquals(Optional.of("cls"), own.vector());
    assertEquals("efficientnet-lite0", own.encoder().name());
    assertTrue(TrainConfig.changeable("reward.features.encoder"), "its content is what counts");
    assertFalse(TrainConfig.changeable("reward.features.vector"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "reward.colour.weight=-1 | reward.colour.weight is -1.0, must not be negative",
        "reward.color.weight=1 | unknown key reward.color",
        "reward.features.encoder-pixels=0 | reward.features.encoder-pixels is 0, must be 1 to 4096",
        "reward.features.encoder= | reward.features.encoder is empty",
        "reward.critics.colour.weight=1 | reward.critics.colour",
        "reward.graph={win-rate=jpeg} | reward.graph.temperature has no value",
        "reward.graph={win-rate=jpeg, temperature=-1} | reward.graph: the temperature of a win rate is -1.0; make it 0 or more",
        "reward.graph={weighted-mean=[{leaf=jpeg, weight=0}]} | reward.graph: a part of a weighted mean has weight 0.0; make it positive",
        "reward.graph={weighted-mean=jpeg} | reward.graph.weighted-mean = \"jpeg\" must be a list",
      })
  void shouldNameWhatIsWrong(String override, String begin) {
    String told =
        assertThrows(InvalidConfigException.class, () -> TrainConfig.load("dev", override))
            .getMessage();
    assertTrue(told.startsWith(begin), told);
  }

  @ParameterizedTest
  @CsvSource({"verifiers.md, 4", "artifacts.md, 2", "ensembles.md, 1"})
  void shouldReadTheExamplesOfThePages(String page, int blocks) throws IOException {
    Path root = Path.of(System.getProperty("atelier.root"));
    String text = Files.readString(root.resolve("docs").resolve(page));
    List<String> examples = new ArrayList<>();
    Matcher block = Pattern.compile("```\n(reward.*?)```", Pattern.DOTALL).matcher(text);
    while (block.find()) {
      examples.add(block.group(1));
    }
    assertEquals(blocks, examples.size(), examples.toString());
    for (String example : examples) {
      Path file = Files.writeString(folder.resolve("example.conf"), example);
      RewardConfig reward =
          TrainConfig.load("dev", List.of(file), List.of("reward.pickscore.model=a")).reward();
      assertFalse(scored(reward).isEmpty() && reward.graph().isEmpty(), example);
    }
  }
}
