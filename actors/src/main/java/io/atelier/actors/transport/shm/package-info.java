/**
 * Memory that the processes of one host share. A {@link
 * io.atelier.actors.transport.shm.MemoryFolder} on {@code /dev/shm} belongs to one data plane, and
 * is deleted if that dies; {@link io.atelier.actors.transport.shm.MemoryNeed} says whether there is
 * room. A {@link io.atelier.actors.transport.shm.Slot} is a file that holds one version of weights:
 * {@link io.atelier.actors.transport.shm.SlotWriter} fills and reuses them, {@link
 * io.atelier.actors.transport.shm.SlotReader} reads them in place, without a copy. A reader pins a
 * slot, so that nobody writes into it meanwhile.
 */
package io.atelier.actors.transport.shm;
