/**
 * The optimizer of weights in JVM memory: {@link io.atelier.models.optim.Adam}, the clipping of
 * gradients that precedes it and the moving average that follows it. {@link
 * io.atelier.models.optim.Optimizer} does all three for the weights of a network. Plain Java with
 * float64 inside, so an update gives the same bits on every machine and its state is a {@link
 * io.atelier.models.state.NamedTensors}. An update of 20 million weights takes about a third of a
 * second on one core.
 */
package io.atelier.models.optim;
