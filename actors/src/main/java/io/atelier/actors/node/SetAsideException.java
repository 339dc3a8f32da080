package io.atelier.actors.node;

/** Everything failed on this node; the run goes on without it. */
public final class SetAsideException extends RuntimeException {
  private static final long serialVersionUID = 1;

  SetAsideException(String reason) {
    super(
        "this node fails at all of its work, and the run goes on without it: %s; mend it, then start it again"
            .formatted(reason));
  }
}
