/**
 * Options that several commands share, as picocli mixins, and what they make: an engine, a model,
 * an adapter.
 */
package io.atelier.actors.cli.option;
