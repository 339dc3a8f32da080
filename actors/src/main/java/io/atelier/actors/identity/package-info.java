/** What a run is made of, by content, so that runs, nodes or points in time can be compared. */
package io.atelier.actors.identity;
