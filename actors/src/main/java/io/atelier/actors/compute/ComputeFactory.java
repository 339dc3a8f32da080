package io.atelier.actors.compute;

import ai.djl.ndarray.NDManager;
import io.atelier.actors.port.Compute;
import io.atelier.actors.port.Evaluation;
import io.atelier.learner.Gradients;
import io.atelier.learner.Policy;
import io.atelier.learner.grpo.FirstWeights;
import io.atelier.learner.grpo.FlatGroups;
import io.atelier.learner.grpo.MicroBatchGradients;
import io.atelier.learner.grpo.PolicyConfig;
import io.atelier.learner.grpo.PolicyUpdate;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.Trained;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.ImageSource;
import io.atelier.reward.adversarial.Critic;
import io.atelier.reward.adversarial.CriticConfig;
import io.atelier.reward.adversarial.Critics;
import io.atelier.reward.adversarial.References;
import io.atelier.reward.sum.RewardSum;
import io.atelier.rollout.Generator;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.noise.RandomStream;
import io.atelier.rollout.sampler.Denoiser;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.GroupSampler;
import io.atelier.rollout.sampler.RolloutConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Makes the compute objects of a run. Each maker is called on the thread that will own the object,
 * and gives it a model of its own: an adapter is put into the network it trains or draws with.
 *
 * @param folder the base model, as rollout and learner load it
 * @param measured the same as the evaluation loads it
 * @param data prompts, references, held-out measurement
 * @param trained what of the base is trained
 * @param first file of the adapter's first weights; empty to begin with the base as it is
 * @param rollout how groups are sampled
 * @param policy how the policy learns
 * @param reward what is maximised
 * @param critic how what learns of the reward does so where it does not say so itself
 * @param passReferences whether references go through the VAE once, as generated images do
 * @param evaluation what is drawn to measure the policy; empty for no measurement
 * @param heldOutEncoder makes what the evaluation measures by
 * @param steps learner steps of the run
 * @param groups groups of a step
 * @param seed the run's seed
 * @param threads native threads of one operation
 */
public record ComputeFactory(
    PipelineFolder folder,
    PipelineFolder measured,
    TrainingData data,
    Trained trained,
    Optional<Path> first,
    RolloutConfig rollout,
    PolicyConfig policy,
    RewardSum reward,
    CriticConfig critic,
    boolean passReferences,
    Optional<HeldOutEvaluation.Settings> evaluation,
    Supplier<Encoder> heldOutEncoder,
    int steps,
    int groups,
    long seed,
    int threads) {

  /** Tokens that T5 reads of a prompt, as in reinforcement learning of Stable Diffusion 3. */
  public static final int T5_LENGTH = 128;

  /** The same for a run that has trained: its checkpoint has the weights, not the file. */
  public ComputeFactory begun() {
    return new ComputeFactory(
        folder,
        measured,
        data,
        trained,
        Optional.empty(),
        rollout,
        policy,
        reward,
        critic,
        passReferences,
        evaluation,
        heldOutEncoder,
        steps,
        groups,
        seed,
        threads);
  }

  /** Makers of all compute objects of a run. */
  public Compute compute() {
    Optional<Supplier<Critic>> judge =
        reward.taught().isEmpty() ? Optional.empty() : Optional.of(this::critics);
    Optional<Supplier<Evaluation>> measure = evaluation.map(settings -> () -> evaluation(settings));
    return new Compute(
        this::generator,
        () -> reward.scorer(seed),
        reward.graph(),
        reward.sum(),
        policy.flatGroups().action() == FlatGroups.Action.REPLACE
            ? policy.flatGroups().replacements()
            : 0,
        this::policyUpdate,
        this::gradients,
        judge,
        measure);
  }

  /**
   * The prompt of a group: the groups of a step have different prompts as far as there are enough,
   * and all prompts come up equally often.
   */
  public Prompt prompt(GroupId id, int attempt) {
    int count = data.prompts().size();
    if (attempt > 0) {
      RandomStream random = new GroupNoise(seed).stream(Purpose.PROMPT, id, attempt, 0);
      return data.prompts().get(random.nextInt(count));
    }
    long place = (long) id.step() * groups + id.slot();
    return data.prompts().get(order((int) (place / count))[(int) (place % count)]);
  }

  /** Every text that the run's groups are drawn with at first, and the empty one. */
  List<String> texts() {
    int drawn = (int) Math.min((long) steps * groups, data.prompts().size());
    int[] order = order(0); // after it all have come up
    List<String> texts = new ArrayList<>(List.of(""));
    for (int i = 0; i < drawn; i++) {
      texts.add(data.prompts().get(order[i]).text());
    }
    return texts;
  }

  /** In which the prompts come up when all have done so {@code times} times. */
  private int[] order(int times) {
    return new GroupNoise(seed).stream(Purpose.PROMPT, times).permutation(data.prompts().size());
  }

  private Generator generator() {
    Torch.enter(false);
    NDManager scope = Torch.newScope();
    DiffusionModel model = DiffusionModel.load(scope, folder, T5_LENGTH, trained);
    model.text().prepare(texts());
    boolean keepMeans = policy.needsMeans();
    boolean completions = policy.advantage().credit().needsPotentials();
    return new Owned.OwnedGenerator(
        new GroupSampler(
            scope, model, trained, rollout, new GroupNoise(seed), keepMeans, completions),
        model,
        scope);
  }

  private Policy policyUpdate() {
    Torch.enter(true);
    NDManager scope = Torch.newScope();
    Denoiser model = denoiser(scope);
    NamedTensors start =
        first
            .map(file -> WarmStart.read(file, folder.transformerConfig(), (AdapterConfig) trained))
            .orElseGet(() -> FirstWeights.of(model.network(), trained, new GroupNoise(seed)));
    return new Owned.OwnedPolicy(
        new PolicyUpdate(scope, model, trained, rollout, policy, new GroupNoise(seed), start),
        scope);
  }

  private Gradients gradients() {
    Torch.enter(true);
    NDManager scope = Torch.newScope();
    return new Owned.OwnedGradients(
        new MicroBatchGradients(
            scope, denoiser(scope), trained, rollout, policy, new GroupNoise(seed)),
        scope);
  }

  private Denoiser denoiser(NDManager scope) {
    return Denoiser.load(scope, folder, trained, policy.needsReference());
  }

  private Critic critics() {
    if (!passReferences) {
      return critics(data.references());
    }
    Torch.enter(false);
    NDManager scope = Torch.newScope();
    try {
      ImageSource passed =
          new PassedReferences(folder.loadVae(scope)).images(data.references().images(), threads);
      Critic made = critics(data.references(passed));
      if (passed instanceof PassedImages) { // which the autoencoder has yet to make
        return new Owned.OwnedCritic(made, scope);
      }
      scope.close();
      return made;
    } catch (RuntimeException | Error e) {
      scope.close();
      throw e;
    }
  }

  /** Makes something of the references, as critics see them. */
  public <T> T ofReferences(Function<ImageSource, T> maker) {
    if (!passReferences) {
      return maker.apply(data.references().images());
    }
    try (NDManager scope = Torch.newScope()) {
      return maker.apply(
          new PassedReferences(folder.loadVae(scope)).images(data.references().images(), threads));
    }
  }

  private Critic critics(References references) {
    return Critics.of(reward.taught(), taught -> taught.critic(critic, seed, references));
  }

  private Evaluation evaluation(HeldOutEvaluation.Settings settings) {
    return new HeldOutEvaluation(
        measured, trained, settings, data.heldOut(), heldOutEncoder, threads);
  }
}
