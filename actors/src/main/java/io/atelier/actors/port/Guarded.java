package io.atelier.actors.port;

import java.util.function.Supplier;

/**
 * The seam between actors and compute. Errors that Akka would take for the end of the JVM, such as
 * memory that a device lacks or a native library that does not load, end one worker instead.
 */
public final class Guarded {
  private Guarded() {}

  public static <T> T call(String what, Supplier<T> computation) {
    try {
      return computation.get();
    } catch (VirtualMachineError | LinkageError e) {
      throw new ComputeException(what + " failed: " + e, e);
    }
  }

  /** An error in compute that is not an exception. */
  static final class ComputeException extends RuntimeException {
    ComputeException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
