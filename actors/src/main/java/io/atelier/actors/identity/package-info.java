/** What a run is made of, by content: so that two runs, nodes or moments can be held together. */
package io.atelier.actors.identity;
