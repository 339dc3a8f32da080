/** Commands that draw or judge images outside of a run. */
package io.atelier.actors.cli.image;
