/**
 * Who may write a run folder, and what run it holds.
 *
 * <p>Begin at {@link RunFolder}: it is taken for a run in one JVM by {@link FolderLock}, and by the
 * conductors of a cluster, one after the other, by {@link Epochs}. {@link RunIdentity} says by
 * content what the run is made of and refuses another model or program; {@link AmendmentFile} holds
 * values that are other ones from a step on; {@link StateFile} what the run is at. {@link Fork}
 * begins a run from a checkpoint of another one, and {@link FailedStart} clears away a run that
 * never recorded anything.
 */
package io.atelier.actors.run.folder;
