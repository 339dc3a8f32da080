/**
 * The optimizer: {@link io.atelier.models.optim.Optimizer} clips gradients, takes AdamW steps and
 * moves an average, for all trained weights, on their device. {@link io.atelier.models.optim.Adam},
 * {@link io.atelier.models.optim.Ema} and {@link io.atelier.models.optim.GradientClip} do the same
 * in plain Java, as the reference in tests. Both compute each element in float64, operation by
 * operation, and give the same bits on every CPU. Their state is a {@link
 * io.atelier.models.state.NamedTensors}.
 */
package io.atelier.models.optim;
