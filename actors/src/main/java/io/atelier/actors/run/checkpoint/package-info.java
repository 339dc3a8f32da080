/**
 * Checkpoints: folders that appear complete or not at all, and are proven before they are used.
 *
 * <p>{@link CheckpointStore} writes one aside, enters the SHA-256 of each file into {@link
 * CheckpointManifest}, and renames it into place; it finds the newest that is whole. {@link
 * CheckpointOrigin} ties one to the conductor that wrote it and to the ledger that it goes with.
 * {@link Checkpoint} reads one.
 */
package io.atelier.actors.run.checkpoint;
