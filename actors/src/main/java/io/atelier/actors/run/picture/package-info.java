/**
 * Pictures that a run keeps and shows: training images ({@link PictureFolder}, chosen by {@link
 * PictureChoice}), grids of evaluations ({@link ImageGrid}, {@link ShownImages}), the best and
 * worst of a step ({@link RankedPictures}), and folders of references ({@link ReferenceFolder}).
 */
package io.atelier.actors.run.picture;
