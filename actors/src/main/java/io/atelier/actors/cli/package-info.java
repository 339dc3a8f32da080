/**
 * The command line: {@link io.atelier.actors.cli.Main} and one class per command. Commands are
 * grouped by subject: {@code cli.run}, {@code cli.cluster}, {@code cli.image}, {@code cli.model},
 * and those about this machine here; options and the terminal have packages of their own.
 */
package io.atelier.actors.cli;
