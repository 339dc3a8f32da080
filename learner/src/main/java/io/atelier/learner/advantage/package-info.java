/** Computes advantages from rewards: how much better an image is than the others of its prompt. */
package io.atelier.learner.advantage;
