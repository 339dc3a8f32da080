package io.atelier.tests.api;

import io.atelier.actors.api.Atelier;
import io.atelier.actors.config.TrainConfig;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;

/** The example of README.md: a run whose reward is defined by the program that starts it. */
public final class WarmReward {

  private WarmReward() {}

  // README
  /** Rewards images for being red rather than blue. */
  static RewardSum warm() {
    return Rewards.of(
        "warm",
        (images, prompt) -> {
          float[] scores = new float[images.count()];
          byte[] rgb = images.rgb();
          for (int i = 0; i < rgb.length; i += 3) {
            scores[i / images.stride()] += (rgb[i] & 255) - (rgb[i + 2] & 255);
          }
          return scores;
        });
  }

  public static void main(String[] overrides) {
    try (var run = Atelier.start(TrainConfig.load("dev", overrides), warm())) {
      run.onStep(step -> System.out.println(step.step() + " " + step.metrics()));
      run.await();
    }
  }

  // end

  /** The same for other tests. */
  public static RewardSum reward() {
    return warm();
  }
}
