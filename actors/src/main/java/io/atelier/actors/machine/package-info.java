/**
 * What a computation needs of the machine, looked at before it begins; and other JVMs of the same
 * kind on it.
 */
package io.atelier.actors.machine;
