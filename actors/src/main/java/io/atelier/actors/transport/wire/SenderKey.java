package io.atelier.actors.transport.wire;

import io.atelier.actors.transport.RunKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The key of one sender of a run: HMAC-SHA256 of its number under the key of the run. A sender
 * draws its number, of 64 bits, when its process starts, so two that have one key, and could use a
 * nonce twice, are as unlikely as a guess.
 */
final class SenderKey {
  static final int TAG = 16;

  private static final int AES_BYTES = 16;
  private static final String HMAC = "HmacSHA256";

  private final SecretKeySpec aes;

  SenderKey(RunKey key, long sender) {
    byte[] derived = derive(key, "frames", sender);
    this.aes = new SecretKeySpec(Arrays.copyOf(derived, AES_BYTES), "AES");
  }

  /** What tells one key of a run from another, and nothing of either. */
  static int id(RunKey key) {
    return ByteBuffer.wrap(derive(key, "id", 0)).getInt();
  }

  private static byte[] derive(RunKey key, String label, long number) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(key.bytes(), HMAC));
      mac.update(label.getBytes(StandardCharsets.US_ASCII));
      return mac.doFinal(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no " + HMAC, e);
    }
  }

  static Cipher cipher() {
    try {
      return Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no AES-GCM", e);
    }
  }

  /**
   * Makes a cipher ready for one frame.
   *
   * @param mode of {@link Cipher}
   * @param counter of the frame, which with the key is used once
   */
  void init(Cipher cipher, int mode, long counter) throws GeneralSecurityException {
    byte[] nonce = ByteBuffer.allocate(12).putInt(0).putLong(counter).array();
    cipher.init(mode, aes, new GCMParameterSpec(TAG * Byte.SIZE, nonce));
  }
}
