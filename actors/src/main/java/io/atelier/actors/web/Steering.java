package io.atelier.actors.web;

import com.sun.net.httpserver.Headers;
import io.atelier.actors.RunStatus;
import io.atelier.actors.run.WriteFailedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/**
 * Lets who has a token steer a run by {@code POST}. The token goes in a header, which no page of
 * another site can set, and such a page names itself in {@code Origin}.
 */
public final class Steering {

  /** Has the token. */
  static final String HEADER = "X-Atelier-Token";

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BYTES = 16;
  private static final Set<PosixFilePermission> MINE = PosixFilePermissions.fromString("rw-------");

  private final String token;
  private final RunActions actions;

  private Steering(String token, RunActions actions) {
    this.token = token;
    this.actions = actions;
  }

  /**
   * With a new token, which only this user can read in {@code file}, too.
   *
   * @param actions what the run can do
   */
  public static Steering of(Path file, RunActions actions) {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    String token = HexFormat.of().formatHex(bytes);
    try {
      Files.deleteIfExists(file);
      Files.createFile(file, PosixFilePermissions.asFileAttribute(MINE));
      Files.writeString(file, token + "\n");
    } catch (IOException e) {
      throw new WriteFailedException(file, e);
    }
    return new Steering(token, actions);
  }

  /** What opens the page for whoever may steer the run. */
  public String fragment() {
    return "#token=" + token;
  }

  /**
   * Does what is asked.
   *
   * @param name what is to be done
   * @param host as the request has it, which is known to be this server
   */
  Answer act(String name, String query, Headers headers, String host) {
    String origin = headers.getFirst("Origin");
    if (origin != null && !origin.equals("http://" + host)) {
      return Answer.text(403, "commands are not taken from pages of " + origin);
    }
    String given = Optional.ofNullable(headers.getFirst(HEADER)).orElse("");
    if (!MessageDigest.isEqual(bytes(given), bytes(token))) {
      return Answer.text(
          403,
          "who may do this has the address with the token, which the run printed at its start");
    }
    RunStatus.Done done = actions.act(name, QueryString.parse(query));
    return Answer.text(done.done() ? 200 : 409, done.message());
  }

  /** How the run is; as {@link RunActions#status}. */
  RunStatus status() {
    return actions.status();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
