/**
 * Measures of generated images that are never a reward. They look through another network than the
 * reward does (MobileNetV2), so that a policy that only pleases the critic shows itself here. Start
 * at {@link io.atelier.reward.metrics.HeldOut}.
 */
package io.atelier.reward.metrics;
