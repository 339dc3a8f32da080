package io.atelier.actors.port;

import java.util.function.Supplier;

/**
 * The seam between actors and compute. Errors that Akka treats as fatal for the JVM, such as lack
 * of device memory or a native library that does not load, end one worker instead.
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

  /** A compute failure caused by an {@link Error}. */
  static final class ComputeException extends RuntimeException {
    ComputeException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
