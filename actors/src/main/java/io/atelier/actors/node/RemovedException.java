package io.atelier.actors.node;

/** The rest of the cluster removed this node as dead. */
public final class RemovedException extends RuntimeException {
  RemovedException() {
    super(
        "the others took this node for dead and go on without it: its machine was too busy to"
            + " answer, or the network was parted; start it again");
  }
}
