/**
 * Files of a run folder: written so that they are either complete and durable or absent, and fenced
 * from those of another conductor.
 *
 * <p>{@link RunFiles} holds the paths. Writes go through {@link Durable} (a whole file) or {@link
 * JsonLines} (line by line), each under a {@link Fence}: a conductor that was replaced renames
 * nothing into place. {@link Storage} reads. Failures are of three kinds, each handled differently:
 * {@link RunFolderException}, which a person must fix; {@link ReadFailedException} and {@link
 * WriteFailedException}, after which a retry may succeed; and {@link ReplacedException}, after
 * which this process writes no more.
 */
package io.atelier.actors.run.file;
