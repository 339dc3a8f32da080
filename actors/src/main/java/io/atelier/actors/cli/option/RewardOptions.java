package io.atelier.actors.cli.option;

import io.atelier.models.condition.RewardConditionConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.rollout.sampler.RewardTarget;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Rewards that a command asks of a model that {@code pretrain --rewards} trained. */
public final class RewardOptions {

  @Option(
      names = "--reward",
      paramLabel = "NAME=V",
      description =
          "Ask for a reward, 0 (worst) to 1 (best of what was trained on); needs a model conditioned"
              + " on rewards. Others stay open.")
  private Map<String, Double> positive = Map.of();

  @Option(
      names = "--reward-negative",
      paramLabel = "NAME=V",
      description = "What guidance leads away from (default: the same rewards at 0).")
  private Map<String, Double> negative = Map.of();

  @Option(
      names = "--negative-keeps-text",
      description = "Guidance leads away from the rewards alone, not from the empty prompt too.")
  private boolean keepsText;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  public boolean isPresent() {
    return !positive.isEmpty() || !negative.isEmpty() || keepsText;
  }

  /**
   * Returns what is asked for; empty if nothing is.
   *
   * @param guidance scale; 1 is none
   * @throws ParameterException if the model does not know a reward or an option would change
   *     nothing
   */
  public Optional<RewardTarget> target(PipelineFolder model, double guidance) {
    if (!isPresent()) {
      return Optional.empty();
    }
    if (positive.isEmpty()) {
      throw wrong("--reward-negative and --negative-keeps-text need a --reward to guide to");
    }
    if (guidance == 1 && (!negative.isEmpty() || keepsText)) {
      throw wrong(
          "--reward-negative and --negative-keeps-text change nothing at guidance 1; leave them"
              + " out");
    }
    RewardConditionConfig known =
        model
            .rewards()
            .orElseThrow(
                () ->
                    wrong(
                        "--reward: model %s is not conditioned on rewards; make one by pretrain --rewards"
                            .formatted(model.root())));
    RewardTarget plain = RewardTarget.of(positive);
    RewardTarget target =
        new RewardTarget(positive, negative.isEmpty() ? plain.negative() : negative, keepsText);
    try {
      target.requireFits(known);
    } catch (IllegalArgumentException e) {
      throw wrong("--reward: " + e.getMessage());
    }
    return Optional.of(target);
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
