/** From rewards to advantages: how much better an image is than the others of its prompt. */
package io.atelier.learner.advantage;
