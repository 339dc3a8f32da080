/** The command line: {@link io.atelier.actors.cli.Main} and one class for each command. */
package io.atelier.actors.cli;
