/**
 * Weights by version. {@link WeightStreams} makes the streams: a {@link PublishedStream} puts each
 * version into an {@link Offer}, from which others take it; a {@link FollowedStream} gets the
 * newest by its {@link Follower}, from slots if the source is on this host, else by broadcast, and
 * what the broadcast lost by pull. {@link LocalWeightStream} hands over objects within one JVM.
 *
 * <p>The {@link Publisher} names a source for each follower, by a {@link RelayTree}: itself or a
 * relay, which offers what it received as a publisher does. A {@link SourceSelector} leaves a relay
 * that is silent or late, so the tree saves copies and promises nothing. {@link StreamRegistry} is
 * all of that as the agent sees it.
 */
package io.atelier.actors.transport.weights;
