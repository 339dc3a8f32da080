package io.atelier.actors.transport.wire;

import io.atelier.actors.transport.RunKey;
import io.atelier.actors.transport.metrics.Tally;
import java.security.GeneralSecurityException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.agrona.DirectBuffer;

/**
 * Lets frames in whose tag is right, and decrypts them. For one thread, the agent's.
 *
 * <p>A frame that comes again, or late, does no harm. Messages, which say what is to be done, are
 * numbered by their sender in the order in which Aeron delivers them: one whose number is not above
 * that of the last one of its sender is refused. Chunks and descriptions may come in any order and
 * twice: they belong to a transfer whose number is used once, or to a version of a stream, and say
 * the same each time.
 */
public final class Opener {

  /**
   * Senders that are remembered: more than a run has nodes. Who was silent longest is forgotten.
   */
  private static final int MAX_SENDERS = 8_192;

  private static final int LARGEST = 1 << 16;

  private static final class Known {
    private final SenderKey key;
    private long last;

    Known(SenderKey key) {
      this.key = key;
    }
  }

  private final Supplier<RunKey> key;
  private final Cipher cipher = SenderKey.cipher();
  private final byte[] header = new byte[Frame.TAG];
  private final byte[] sealed = new byte[LARGEST + SenderKey.TAG];
  private final byte[] plain = new byte[LARGEST];
  private final Map<Long, Known> senders =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Known> eldest) {
          return size() > MAX_SENDERS;
        }
      };
  private RunKey current;
  private int keyId;

  /**
   * @param key of the run, as it is now
   */
  public Opener(Supplier<RunKey> key) {
    this.key = key;
  }

  /** The id that frames have to carry now. */
  int keyId() {
    RunKey now = key.get();
    if (!now.equals(current)) {
      current = now;
      keyId = SenderKey.id(now);
      senders.clear();
    }
    return keyId;
  }

  /** What was sealed in the last frame that was let in; the next one takes its place. */
  byte[] plain() {
    return plain;
  }

  /**
   * Decrypts a frame whose header has the id of the key.
   *
   * @param length of the payload
   * @param sender and {@code number} as the header has them
   * @param message whether it says what is to be done, so that it may be taken once only
   * @return why it is refused, or empty
   */
  Optional<Tally> open(
      DirectBuffer from,
      int at,
      int length,
      Audience audience,
      long sender,
      long number,
      boolean message) {
    if (length > LARGEST) {
      return Optional.of(Tally.REFUSED_MALFORMED);
    }
    Known known = senders.get(sender);
    if (known == null) {
      known = new Known(new SenderKey(current, sender));
    }
    from.getBytes(at, header, 0, Frame.TAG);
    from.getBytes(at + Frame.HEADER, sealed, 0, length);
    from.getBytes(at + Frame.TAG, sealed, length, SenderKey.TAG);
    try {
      known.key.init(cipher, Cipher.DECRYPT_MODE, number);
      cipher.updateAAD(header);
      cipher.updateAAD(audience.bound());
      cipher.doFinal(sealed, 0, length + SenderKey.TAG, plain, 0);
    } catch (AEADBadTagException e) {
      return Optional.of(Tally.REFUSED_TAG);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a frame cannot be opened", e);
    }
    senders.putIfAbsent(sender, known); // now that it is known to have the key
    if (message) {
      if (number <= known.last) {
        return Optional.of(Tally.REFUSED_REPLAY);
      }
      known.last = number;
    }
    return Optional.empty();
  }
}
