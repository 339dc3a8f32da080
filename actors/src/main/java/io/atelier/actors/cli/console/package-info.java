/**
 * What a command does with its terminal: exit codes ({@link ExitCode}), errors in one line ({@link
 * Failures}), logs, Ctrl-C ({@link Interrupts}), files that are not overwritten ({@link Outputs}),
 * tables.
 */
package io.atelier.actors.cli.console;
