/**
 * Images and the frozen networks that encode them. {@link io.atelier.models.vision.Images} are
 * bytes (image, row, column, channel), {@link io.atelier.models.vision.Pixels} the input of a
 * network (image, channel, row, column, float32). Start at {@link
 * io.atelier.models.vision.Encoder}; {@link io.atelier.models.vision.OnnxEncoder} runs the embedded
 * ones.
 */
package io.atelier.models.vision;
