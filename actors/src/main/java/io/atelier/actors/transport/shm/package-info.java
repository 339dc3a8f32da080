/**
 * Memory that the processes of one host share. A {@link MemoryFolder} on {@code /dev/shm} belongs
 * to one data plane, and is deleted if that dies; {@link MemoryNeed} says whether there is room. A
 * {@link Slot} is a file that holds one version of weights: {@link SlotWriter} fills and reuses
 * them, {@link SlotReader} reads them in place, without a copy. A reader pins a slot, so that
 * nobody writes into it meanwhile.
 */
package io.atelier.actors.transport.shm;
