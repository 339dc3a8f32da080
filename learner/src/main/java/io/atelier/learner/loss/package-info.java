/**
 * What a policy update minimises, as a function of the velocities that the network gives, and its
 * exact gradient with respect to them. The network's own gradient follows by one backward pass with
 * that gradient as upstream. Everything here is plain Java in float64: the arithmetic that GRPO is
 * sensitive to (ratios that differ from 1 by 1e-5) does not depend on the machine.
 */
package io.atelier.learner.loss;
