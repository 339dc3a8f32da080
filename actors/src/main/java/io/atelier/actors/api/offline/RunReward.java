package io.atelier.actors.api.offline;

import io.atelier.actors.api.assembly.RewardAssembly;
import io.atelier.actors.compute.Captions;
import io.atelier.actors.compute.TrainingData;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.AdversarialConfig;
import io.atelier.actors.config.reward.AdversarialKind;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.plugins.Plugins;
import io.atelier.actors.run.checkpoint.Checkpoint;
import io.atelier.models.encoder.Encoders;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.vision.Images;
import io.atelier.reward.GroupScorer;
import io.atelier.reward.Reward;
import io.atelier.reward.graph.GraphState;
import io.atelier.reward.graph.RewardGraph;
import io.atelier.reward.graph.ScoreTable;
import io.atelier.reward.sum.RewardSum;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The reward of a run at a checkpoint: the critics' weights with which the next images would have
 * been scored, and the state of its graph. Scores images of any prompts, which together count as
 * one step. Not thread-safe: one compute thread owns it.
 */
final class RunReward implements AutoCloseable {

  private final String run;
  private final int step;
  private final List<Prompt> prompts;
  private final GroupScorer scorer;
  private final Optional<RewardGraph> graph;
  private final GraphState state;
  private final List<ScoreTable> tables = new ArrayList<>();
  private final List<float[]> sums = new ArrayList<>();

  private RunReward(
      String run,
      int step,
      List<Prompt> prompts,
      GroupScorer scorer,
      Optional<RewardGraph> graph,
      GraphState state) {
    this.run = run;
    this.step = step;
    this.prompts = prompts;
    this.scorer = scorer;
    this.graph = graph;
    this.state = state;
  }

  /**
   * Opens a reward on the calling thread.
   *
   * @param run name of the run, for messages
   * @param config of the checkpoint, possibly with other weights or another graph
   * @param data of the run
   * @param folder the model that samples
   * @param prompts to be scored, in order
   * @param judge encoder of the evaluation
   */
  static RunReward open(
      String run,
      Path checkpoint,
      TrainConfig config,
      TrainingData data,
      PipelineFolder folder,
      List<Prompt> prompts,
      Encoders.Found judge) {
    TrainingData asking = data.asking(prompts);
    try {
      requireVectors(config, asking);
      RewardSum reward =
          RewardAssembly.of(config, asking, folder, Optional.of(judge), Plugins.found());
      int step = Checkpoint.verify(checkpoint);
      GraphState state =
          reward
              .graph()
              .filter(RewardGraph::remembers)
              .map(graph -> graph.state(Checkpoint.policyState(checkpoint)))
              .orElse(GraphState.NONE);
      GroupScorer scorer = reward.scorer(config.run().seed());
      try {
        if (!reward.taught().isEmpty()) {
          NamedTensors critics = Checkpoint.criticWeights(checkpoint);
          scorer.load(critics);
        }
        return new RunReward(run, step, asking.prompts(), scorer, reward.graph(), state);
      } catch (RuntimeException e) {
        scorer.close();
        throw e;
      }
    } catch (IllegalArgumentException | InvalidConfigException e) {
      throw new InvalidConfigException("%s: %s".formatted(run, e.getMessage()), e);
    }
  }

  /**
   * Requires a vector for every prompt: a head that sees captions of the embedded pack knows no
   * others.
   */
  private static void requireVectors(TrainConfig config, TrainingData asking) {
    for (AdversarialConfig part : config.reward().learned()) {
      if (part.kind() == AdversarialKind.DISCRIMINATOR && part.seesPrompt()) {
        asking
            .withoutVector()
            .ifPresent(
                prompt -> {
                  throw new InvalidConfigException(
                      "%s.sees-prompt is true, and the critic knows the captions of the embedded pack alone, and \"%s\" is not one of them; measure on others (data.held-out, data.prompts)"
                          .formatted(part.section(), Captions.beginning(prompt.text())));
                });
      }
    }
  }

  /**
   * Scores the images of the next prompt.
   *
   * @throws InvalidConfigException if they cannot be scored, naming run and prompt
   */
  void score(Images images) {
    Prompt prompt = prompts.get(sums.size());
    GroupId id = new GroupId(step, sums.size());
    Reward.Outcome outcome =
        scorer.score(new ImageGroup(id, prompt, images, 0, "base"), () -> {}).outcome();
    if (!(outcome instanceof Reward.Scored scored)) {
      throw new InvalidConfigException(
          "%s: the images of \"%s\" have no score: %s"
              .formatted(run, Captions.beginning(prompt.text()), why(outcome)));
    }
    sums.add(scored.total());
    tables.add(new ScoreTable(id, prompt, images.count(), scored.parts()));
  }

  private static String why(Reward.Outcome outcome) {
    if (outcome instanceof Reward.RetryLater later) {
      return later.reason() + "; try again";
    }
    return outcome instanceof Reward.Unscorable never
        ? never.reason() + "; measure without this prompt"
        : outcome.toString();
  }

  /** The rewards of all scored images, by prompt. */
  List<float[]> rewards() {
    try {
      return graph.map(of -> of.evaluate(tables, step, state).rewards()).orElse(sums);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new InvalidConfigException("%s: reward.graph: %s".formatted(run, e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    scorer.close();
  }
}
