/**
 * Who may write a run folder, and what run it holds.
 *
 * <p>Start with {@link RunFolder}: {@link FreeFolder} checks that nothing else is in it; a run in
 * one JVM claims it with {@link FolderLock}, and the conductors of a cluster, one after the other,
 * with {@link Epochs}. {@link RunIdentity} holds content hashes of what the run is made of and
 * refuses another model or program; {@link AmendmentFile} holds values that change from a step on;
 * {@link StateFile} the state of the run. {@link Fork} starts a run from a checkpoint of another
 * one, and {@link FailedStart} cleans up after a run that never recorded anything.
 */
package io.atelier.actors.run.folder;
