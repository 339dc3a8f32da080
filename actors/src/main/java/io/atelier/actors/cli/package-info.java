/**
 * The command line: {@link io.atelier.actors.cli.Main} and one class for each command. Commands lie
 * by what they are about: {@code cli.run}, {@code cli.cluster}, {@code cli.image}, {@code
 * cli.model}, and those about this machine here; options and the terminal have rooms of their own.
 */
package io.atelier.actors.cli;
