/** The shell: actors, the ledger, transport, configuration, run folder and command line. */
package io.atelier.actors;
