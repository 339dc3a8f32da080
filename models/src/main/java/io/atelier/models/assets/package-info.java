/**
 * The data that ships with the project: 1,562 emoji concepts drawn in three styles at 64 x 64
 * pixels, a caption and a caption vector for each, and the weights of two frozen vision encoders.
 */
package io.atelier.models.assets;
