package io.atelier.actors.rewards;

import io.atelier.models.files.FileException;
import java.util.Optional;

/** Reads the replies of a server. */
interface Protocol<T> {

  /** Most bytes of a reply. */
  int largest();

  /**
   * Reads a reply of status 200.
   *
   * @throws FileException that says where {@code body} breaks the protocol
   */
  T read(byte[] body);

  /**
   * Reads a reply of another status 4xx, which ends the run unless it is about this request alone.
   */
  default Optional<T> refused(byte[] body) {
    return Optional.empty();
  }
}
