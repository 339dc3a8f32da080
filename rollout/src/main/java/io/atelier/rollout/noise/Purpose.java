package io.atelier.rollout.noise;

/**
 * What a random stream is for. Streams of different purposes never share a number, so drawing more
 * for one purpose changes nothing elsewhere. At most sixteen; the position in this list is part of
 * every recorded run: add at the end only.
 */
public enum Purpose {
  /** Initial latents of denoising; one stream for each sample. */
  INITIAL_LATENT,
  /** Noise added by a stochastic denoising step; one stream for each sample and step. */
  STEP_NOISE,
  /** Which denoising steps of a learner step are trained. */
  TRAINED_WINDOW,
  /** Which prompt a group gets. */
  PROMPT,
  /** Which reference images a group is compared with. */
  REFERENCE,
  /** Everything a critic draws while it scores: positions of local features, and so on. */
  CRITIC_SCORE,
  /** Everything a critic draws while it learns: order, replay, augmentation. */
  CRITIC_UPDATE,
  /** Initial values of the policy's trained weights. */
  INITIAL_WEIGHTS,
  /** Pretraining: order, dropped captions, noise levels. */
  PRETRAIN,
  /** Images of the evaluator and of single samples. */
  EVALUATION,
  /** Initial values of a critic's weights, and the sample its statistics are computed over. */
  CRITIC_START,
  /** Noise added to an image for training; one stream for each sample and level. */
  FORWARD_NOISE,
  /** Which noise levels a group is trained at; one stream for each level. */
  FORWARD_TIME
}
