/**
 * Where nodes are and what each runs on: {@code cluster}, {@code transport}, {@code placement},
 * {@code workers}.
 */
package io.atelier.actors.config.cluster;
