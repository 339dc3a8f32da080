package io.atelier.actors.node;

import io.atelier.actors.port.Failures;

/** This node led the run and failed; another one leads it now. */
public final class LeadFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  LeadFailedException(Throwable cause) {
    super(
        "%s; this was the fault of the leading node or of the step it was at: another node takes the step again, and this one may be started again"
            .formatted(cause instanceof RuntimeException e ? Failures.describe(e) : cause),
        cause);
  }
}
