package io.atelier.learner;

/**
 * Amounts that place scores add to the advantages of a group's images.
 *
 * @param rows rows of an image's latents
 * @param columns columns of an image's latents
 * @param added amount added to the advantage at each place of each image, (G, P)
 */
public record MovedCredit(int rows, int columns, double[] added) {}
