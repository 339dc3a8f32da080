/**
 * The optimizer: {@link io.atelier.models.optim.Optimizer} clips gradients, takes steps of AdamW
 * and moves an average, for all that is trained, on its device. {@link
 * io.atelier.models.optim.Adam}, {@link io.atelier.models.optim.Ema} and {@link
 * io.atelier.models.optim.GradientClip} say the same in plain Java: what tests hold it against.
 * Both compute an element in float64, one operation after the other, and give the same bits on
 * every CPU. Their state is a {@link io.atelier.models.state.NamedTensors}.
 */
package io.atelier.models.optim;
