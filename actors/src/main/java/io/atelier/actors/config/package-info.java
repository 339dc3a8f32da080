/**
 * Configuration: HOCON in layers, in which every key is known, and the validated records that the
 * rest of the system sees. {@link io.atelier.actors.config.TrainConfig} is the way in.
 */
package io.atelier.actors.config;
