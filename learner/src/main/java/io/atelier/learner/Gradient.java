package io.atelier.learner;

import io.atelier.learner.loss.LossTerms;
import io.atelier.models.state.NamedTensors;
import java.util.List;

/**
 * What a micro-batch gives.
 *
 * @param gradients of its share of the loss, for every trained weight
 * @param terms of the loss, one for each sample
 */
public record Gradient(NamedTensors gradients, List<LossTerms> terms) {}
