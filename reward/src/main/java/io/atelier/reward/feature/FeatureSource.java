package io.atelier.reward.feature;

import io.atelier.models.vision.Encoder;
import java.util.function.Supplier;

/**
 * One vector of an image, as a frozen encoder gives it. Rewards that are made with the same one
 * share an encoder.
 *
 * @param encoder makes it, on the thread that will own it
 * @param output which of the encoder's vectors
 */
public record FeatureSource(Supplier<Encoder> encoder, String output) {}
