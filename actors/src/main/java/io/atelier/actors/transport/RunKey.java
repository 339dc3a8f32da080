package io.atelier.actors.transport;

import java.nio.ByteBuffer;
import java.security.SecureRandom;

/**
 * The key of the data plane of a run, 256 bits, in four parts. Whoever leads draws it, and hands it
 * out over the control plane; a node that has it can read and send what any node of the run can.
 */
public record RunKey(long first, long second, long third, long fourth) {

  /** Nobody may guess a key, so it comes from no seed. */
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Of this process, until a leader hands out that of the run: it keeps all others out. */
  public static final RunKey OWN = fresh();

  /** One that nobody else has. */
  public static RunKey fresh() {
    return new RunKey(RANDOM.nextLong(), RANDOM.nextLong(), RANDOM.nextLong(), RANDOM.nextLong());
  }

  public byte[] bytes() {
    return ByteBuffer.allocate(4 * Long.BYTES)
        .putLong(first)
        .putLong(second)
        .putLong(third)
        .putLong(fourth)
        .array();
  }

  /** Without its bits, which are no business of a log. */
  @Override
  public String toString() {
    return "a key";
  }
}
