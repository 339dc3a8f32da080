package io.atelier.reward.feature;

import io.atelier.models.vision.Encoder;
import java.util.function.Supplier;

/**
 * Source of one vector per image, from a frozen encoder. Rewards with the same source object share
 * an encoder.
 *
 * @param encoder creates the encoder, on the thread that will own it
 * @param output name of the encoder's vector output
 */
public record FeatureSource(Supplier<Encoder> encoder, String output) {}
