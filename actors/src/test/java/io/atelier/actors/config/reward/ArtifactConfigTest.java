package io.atelier.actors.config.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.TrainConfig;
import io.atelier.reward.artifact.ArtifactGuard;
import io.atelier.reward.artifact.ArtifactGuard.Mode;
import io.atelier.reward.graph.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactConfigTest {

  @TempDir Path folder;

  @Test
  void shouldReadTheGuard() {
    ArtifactConfig artifact =
        TrainConfig.load(
                "dev",
                "reward.artifact.weight=0.5",
                "reward.artifact.head=a.safetensors",
                "reward.artifact.mode=add",
                "reward.artifact.threshold=0.25")
            .reward()
            .artifact();
    assertEquals(0.5, artifact.weight());
    assertEquals("a.safetensors", artifact.head());
    assertEquals(new ArtifactGuard(Mode.ADD, 0.25, 2), artifact.guard());
    assertEquals("efficientnet-lite0", artifact.encoder().name());
    assertEquals(Mode.GATE, TrainConfig.load("dev").reward().artifact().guard().mode());
  }

  @Test
  void shouldTellAHeadByItsContent() {
    assertTrue(TrainConfig.changeable("reward.artifact.head"));
    assertTrue(TrainConfig.changeable("reward.artifact.encoder"));
    assertFalse(TrainConfig.changeable("reward.artifact.threshold"));
  }

  @Test
  void shouldReadTheExamplesOfThePage() throws IOException {
    Path root = Path.of(System.getProperty("atelier.root"));
    String page = Files.readString(root.resolve("docs/artifacts.md"));
    Matcher block = Pattern.compile("```\n(reward.*?)```", Pattern.DOTALL).matcher(page);
    assertTrue(block.find());
    Path file = Files.writeString(folder.resolve("example.conf"), block.group(1));
    RewardConfig reward = TrainConfig.load("jpeg", List.of(file), List.of()).reward();
    assertEquals(
        Optional.of(Node.sum(Node.leaf("jpeg"), Node.leaf("artifact").clip(0, 0.5).weight(2))),
        reward.graph());
    assertEquals("head.safetensors", reward.artifact().head());
    assertTrue(block.find());
    Files.writeString(file, block.group(1));
    reward = TrainConfig.load("jpeg", List.of(file), List.of()).reward();
    assertEquals(List.of("clean"), reward.judged().stream().map(JudgeConfig::name).toList());
    assertEquals(JudgeConfig.Pairs.NONE, reward.judged().get(0).pairs());
    assertFalse(block.find(), "two examples");
  }
}
