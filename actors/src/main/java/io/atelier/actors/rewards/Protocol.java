package io.atelier.actors.rewards;

import io.atelier.models.files.FileException;
import java.util.Optional;

/** How replies of a server are read. */
interface Protocol<T> {

  /** Most bytes of a reply. */
  int largest();

  /**
   * Reads a reply of status 200.
   *
   * @throws FileException that says what of {@code body} is not the protocol
   */
  T read(byte[] body);

  /**
   * Reads a reply of another status 4xx, which ends the run unless it says something of the request
   * alone.
   */
  default Optional<T> refused(byte[] body) {
    return Optional.empty();
  }
}
