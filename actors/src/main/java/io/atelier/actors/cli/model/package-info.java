/** Commands that make or export weights. */
package io.atelier.actors.cli.model;
