package io.atelier.learner;

import io.atelier.learner.loss.LossTerms;
import io.atelier.models.state.NamedTensors;
import java.util.List;

/**
 * Result of a micro-batch.
 *
 * @param gradients gradients of its share of the loss, for every trained weight
 * @param terms loss terms, one for each sample
 */
public record Gradient(NamedTensors gradients, List<LossTerms> terms) {}
