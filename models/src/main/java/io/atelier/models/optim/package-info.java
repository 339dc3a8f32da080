/**
 * Optimizers: {@link io.atelier.models.optim.Adam}, the clipping of gradients that precedes it and
 * the moving average that follows it. {@link io.atelier.models.optim.Optimizer} does all three for
 * the weights of a network, on their device; the others are plain Java, for layers in JVM memory.
 * Both compute an element in float64, one operation after the other, and give the same bits on
 * every CPU. Their state is a {@link io.atelier.models.state.NamedTensors}.
 */
package io.atelier.models.optim;
