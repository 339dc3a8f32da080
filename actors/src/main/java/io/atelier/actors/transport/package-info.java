/**
 * How bytes travel beside the messages: blobs by reference, weights by version. The implementations
 * here hand over memory within one JVM.
 */
package io.atelier.actors.transport;
