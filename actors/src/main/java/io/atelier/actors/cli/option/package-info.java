/**
 * Options that several commands have, as mixins of picocli, and what they make: an engine, a model,
 * an adapter.
 */
package io.atelier.actors.cli.option;
