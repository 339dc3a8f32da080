package io.atelier.actors.transport.wire;

import io.atelier.actors.transport.RunKey;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.function.Supplier;
import javax.crypto.Cipher;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Encrypts what a process sends and puts a tag on it (AES-GCM), by which receivers know that who
 * sent it has the key of the run. Every frame has a number of its own, in the order in which they
 * are written, and one that is written again has another. For one thread, the agent's.
 */
public final class Sealer {
  private final Supplier<RunKey> key;
  private final Cipher cipher = SenderKey.cipher();

  /** Drawn anew in every process, so that no key of a sender is used by two of them. */
  private final long sender = new SecureRandom().nextLong();

  private final byte[] header = new byte[Frame.HEADER];
  private byte[] plain = {};
  private byte[] sealed = {};
  private RunKey current;
  private SenderKey own;
  private int keyId;
  private long counter;

  /**
   * @param key of the run, as it is now
   */
  public Sealer(Supplier<RunKey> key) {
    this.key = key;
  }

  /** The id of the key that the next frame is sealed with. */
  int keyId() {
    RunKey now = key.get();
    if (!now.equals(current)) {
      current = now;
      own = new SenderKey(now, sender);
      keyId = SenderKey.id(now);
    }
    return keyId;
  }

  long sender() {
    return sender;
  }

  /** The number of the next frame. */
  long next() {
    return ++counter;
  }

  /**
   * Writes payload and tag of a frame whose header is written.
   *
   * @param number of the frame, by {@link #next}
   * @param payload may be where it is to be sealed
   */
  void seal(
      MutableDirectBuffer frame,
      int at,
      Audience audience,
      long number,
      DirectBuffer payload,
      int payloadAt,
      int length) {
    if (plain.length < length) {
      plain = new byte[length];
      sealed = new byte[length + SenderKey.TAG];
    }
    payload.getBytes(payloadAt, plain, 0, length);
    frame.getBytes(at, header, 0, Frame.TAG);
    try {
      own.init(cipher, Cipher.ENCRYPT_MODE, number);
      cipher.updateAAD(header, 0, Frame.TAG);
      cipher.updateAAD(audience.bound());
      cipher.doFinal(plain, 0, length, sealed, 0);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a frame cannot be sealed", e);
    }
    frame.putBytes(at + Frame.HEADER, sealed, 0, length);
    frame.putBytes(at + Frame.TAG, sealed, length, SenderKey.TAG);
  }
}
