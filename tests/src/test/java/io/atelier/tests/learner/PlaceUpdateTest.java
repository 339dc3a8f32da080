package io.atelier.tests.learner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.atelier.learner.ScoredGroup;
import io.atelier.learner.advantage.Spread;
import io.atelier.learner.grpo.MicroBatchGradients;
import io.atelier.learner.grpo.PolicyConfig;
import io.atelier.learner.grpo.PolicyUpdate;
import io.atelier.learner.loss.Clip;
import io.atelier.learner.loss.KlPenalty;
import io.atelier.learner.loss.LossConfig;
import io.atelier.learner.loss.PlaceConfig;
import io.atelier.learner.loss.PlaceSource;
import io.atelier.learner.loss.Staleness;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.PlaceGrid;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.sampler.RolloutConfig;
import io.atelier.tests.rollout.TinyModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole steps of the policy with weights by place. */
class PlaceUpdateTest {
  private static final AdapterConfig ADAPTER = AdapterConfig.of(2, 4);
  private static final GroupNoise NOISE = new GroupNoise(79);
  private static final RolloutConfig ROLLOUT = TinyLearning.rollout(2);
  private static final int PLACES = TinyLearning.SAMPLES * PlaceGrid.COUNT;

  private NDManager scope;

  @BeforeEach
  void open() {
    scope = Torch.newScope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static PolicyConfig config(PlaceSource source, double alpha) {
    return TinyLearning.config(
        new LossConfig(
            Clip.of(1e-5),
            KlPenalty.VELOCITY,
            0,
            false,
            Staleness.NONE,
            0,
            new PlaceConfig(source, alpha)),
        Spread.BATCH,
        1);
  }

  private PolicyUpdate learner(PolicyConfig config) {
    return new PolicyUpdate(
        scope, TinyModel.load(scope).denoiser(), ADAPTER, ROLLOUT, config, NOISE);
  }

  /** Two steps on samples of the policy; scores of places are added to the groups. */
  private void twoSteps(PolicyUpdate learner, float[] places) {
    learner.update(0, groups(learner, 0, places));
    learner.update(1, groups(learner, 1, places));
  }

  private List<ScoredGroup> groups(PolicyUpdate learner, int step, float[] places) {
    return TinyLearning.groups(scope, ADAPTER, ROLLOUT, NOISE, step, learner.weights(), false)
        .stream()
        .map(group -> with(group, group.reward(), places))
        .toList();
  }

  private static ScoredGroup with(ScoredGroup group, float[] reward, float[] places) {
    return new ScoredGroup(
        group.id(),
        group.prompt(),
        group.trajectory(),
        reward,
        group.potential(),
        places,
        group.policyVersion(),
        group.criticVersion());
  }

  private static float[] scores() {
    Random random = new Random(6);
    float[] scores = new float[PLACES];
    for (int i = 0; i < PLACES; i++) {
      scores[i] = (float) random.nextGaussian();
    }
    return scores;
  }

  private String hash(PlaceSource source, double alpha, float[] places) {
    try (PolicyUpdate learner = learner(config(source, alpha))) {
      Map<String, Double> measured = learner.update(0, groups(learner, 0, places));
      assertEquals(0, measured.get("policy/ratio-distance-max"));
      return learner.weights().contentHash();
    }
  }

  @Test
  void shouldHaveTheBitsOfOneAdvantageWhereNothingIsMoved() {
    String plain = hash(PlaceSource.NONE, 0.5, new float[0]);
    for (PlaceSource source : List.of(PlaceSource.CONTRAST, PlaceSource.CRITIC)) {
      assertEquals(plain, hash(source, 0, new float[0]), source + " with alpha 0");
    }
    float[] equal = new float[PLACES];
    Arrays.fill(equal, 0.25f);
    assertEquals(plain, hash(PlaceSource.CRITIC, 0.5, equal));
    assertNotEquals(plain, hash(PlaceSource.CRITIC, 0.5, scores()));
    String contrast = hash(PlaceSource.CONTRAST, 0.5, new float[0]);
    assertNotEquals(plain, contrast);
    assertNotEquals(contrast, hash(PlaceSource.CONTRAST_RAW, 0.5, new float[0]));
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTRAST", "CRITIC"})
  void shouldGiveTheSameBitsWhoeverComputes(PlaceSource source) {
    PolicyConfig config = config(source, 0.5);
    float[] places = source == PlaceSource.CRITIC ? scores() : new float[0];
    try (PolicyUpdate alone = learner(config);
        PolicyUpdate helped = learner(config);
        MicroBatchGradients worker =
            new MicroBatchGradients(
                scope, TinyModel.load(scope).denoiser(), ADAPTER, ROLLOUT, config, NOISE)) {
      twoSteps(alone, places);
      for (int step = 0; step < 2; step++) {
        MicroBatchTest.updateElsewhere(
            helped, step, groups(helped, step, places), List.of(worker), new Random(step));
      }
      assertEquals(alone.weights().contentHash(), helped.weights().contentHash());
    }
  }

  @Test
  void shouldLearnFromPlacesOfGroupsThatAreFlat() {
    try (PolicyUpdate plain = learner(config(PlaceSource.NONE, 0.5));
        PolicyUpdate places = learner(config(PlaceSource.CRITIC, 0.5))) {
      List<ScoredGroup> flat = new ArrayList<>();
      for (ScoredGroup group : groups(plain, 0, scores())) {
        flat.add(with(group, new float[TinyLearning.SAMPLES], scores()));
      }
      assertEquals(0, plain.update(0, flat).get("policy/gradient-norm"));
      assertTrue(places.update(0, flat).get("policy/gradient-norm") > 0);
    }
  }

  @Test
  void shouldSayHowManyPlacesHaveAnotherSign() {
    try (PolicyUpdate learner = learner(config(PlaceSource.CRITIC, 0.01));
        PolicyUpdate far = learner(config(PlaceSource.CRITIC, 1000))) {
      List<ScoredGroup> groups = groups(learner, 0, scores());
      double few = learner.update(0, groups).get("credit/place-flipped");
      double half = far.update(0, groups).get("credit/place-flipped");
      assertTrue(few < 0.1 && half > 0.4 && half < 0.6, few + " and " + half);
    }
  }

  @Test
  void shouldNameTheGroupWhosePlacesNobodyScored() {
    try (PolicyUpdate learner = learner(config(PlaceSource.CRITIC, 0.5))) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> learner.update(0, groups(learner, 0, new float[PLACES - 1])))
              .getMessage();
      assertTrue(message.contains("group 0.0 has scores of 63 places, must have 64"), message);
    }
    try (PolicyUpdate learner = learner(config(PlaceSource.CONTRAST, 0.5))) {
      List<ScoredGroup> groups = groups(learner, 0, new float[0]);
      assertFalse(learner.update(0, groups).containsKey("credit/place-flipped"));
    }
  }
}
