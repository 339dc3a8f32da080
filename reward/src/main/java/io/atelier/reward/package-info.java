/** Rewards over image groups, the adversarial discriminator, references and held-out metrics. */
package io.atelier.reward;
