/**
 * Weights by version. {@link io.atelier.actors.transport.weights.WeightStreams} makes the streams:
 * a {@link io.atelier.actors.transport.weights.PublishedStream} puts each version into an {@link
 * io.atelier.actors.transport.weights.Offer}, from which others take it; a {@link
 * io.atelier.actors.transport.weights.FollowedStream} gets the newest by its {@link
 * io.atelier.actors.transport.weights.Follower}, from slots if the source is on this host, else by
 * broadcast, and what the broadcast lost by pull. {@link
 * io.atelier.actors.transport.weights.LocalWeightStream} hands over objects within one JVM.
 *
 * <p>The {@link io.atelier.actors.transport.weights.Publisher} names a source for each follower, by
 * a {@link io.atelier.actors.transport.weights.RelayTree}: itself or a relay, which offers what it
 * received as a publisher does. A {@link io.atelier.actors.transport.weights.SourceSelector} leaves
 * a relay that is silent or late, so the tree saves copies and promises nothing. {@link
 * io.atelier.actors.transport.weights.StreamRegistry} is all of that as the agent sees it.
 */
package io.atelier.actors.transport.weights;
