/**
 * Checkpoints: folders that appear complete or not at all, and are verified before they are used.
 *
 * <p>{@link CheckpointStore} writes one to a temporary folder, lists the SHA-256 of each file in
 * {@link CheckpointManifest}, and renames it into place; it also finds the newest intact one.
 * {@link CheckpointOrigin} names the conductor that wrote it and the ledger that it belongs to.
 * {@link Checkpoint} reads one.
 */
package io.atelier.actors.run.checkpoint;
