package io.atelier.learner;

/**
 * What the scores of places add to the advantages of a group's images.
 *
 * @param rows of the latents of an image
 * @param columns of them
 * @param added to the advantage of each place of each image, (G, P)
 */
public record MovedCredit(int rows, int columns, double[] added) {}
