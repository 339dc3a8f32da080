/**
 * Pictures that a run keeps and shows: images of training ({@link PictureFolder}, chosen by {@link
 * PictureChoice}), grids of evaluations ({@link ImageGrid}, {@link ShownImages}), the best and
 * worst of a step ({@link RankedPictures}), and references that lie beside them ({@link
 * ReferenceFolder}).
 */
package io.atelier.actors.run.picture;
