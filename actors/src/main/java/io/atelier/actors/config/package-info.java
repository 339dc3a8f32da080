/**
 * Configuration: HOCON in layers, in which unknown keys are errors, and the validated records that
 * the rest of the system sees. {@link io.atelier.actors.config.TrainConfig} is the entry point;
 * {@code config.section} reads, {@code config.run}, {@code config.reward} and {@code
 * config.cluster} hold the records.
 */
package io.atelier.actors.config;
