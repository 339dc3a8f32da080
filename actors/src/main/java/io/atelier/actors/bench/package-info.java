/** Measures how fast bytes reach other processes. */
package io.atelier.actors.bench;
