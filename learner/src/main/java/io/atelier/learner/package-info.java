/**
 * Policy optimisation: advantages, losses, the policy update, and pretraining of the embedded base.
 */
package io.atelier.learner;
