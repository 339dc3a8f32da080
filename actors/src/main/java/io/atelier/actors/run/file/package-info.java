/**
 * Files of a run folder: written so that they are complete and lasting or not there, and kept apart
 * from those of another conductor.
 *
 * <p>{@link RunFiles} says where everything lies. What is written goes through {@link Durable} (a
 * whole file) or {@link JsonLines} (line by line), each under a {@link Fence}: a conductor that was
 * replaced puts nothing in place. {@link Storage} reads. A failure is one of three, since each
 * needs another answer: {@link RunFolderException}, which a person must mend; {@link
 * ReadFailedException} and {@link WriteFailedException}, after which the same may succeed; and
 * {@link ReplacedException}, after which this process writes no more.
 */
package io.atelier.actors.run.file;
