package io.atelier.actors.web;

import com.sun.net.httpserver.Headers;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.run.file.WriteFailedException;
import io.atelier.actors.web.index.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Lets holders of a token steer a run by {@code POST}, and judge pictures. The token is in a
 * header, which no page of another site can set, and such a page names itself in {@code Origin}.
 */
public final class Steering {

  /** Header with the token. */
  static final String HEADER = "X-Atelier-Token";

  private final AccessToken token;
  private final Optional<RunActions> actions;

  private Steering(AccessToken token, Optional<RunActions> actions) {
    this.token = token;
    this.actions = actions;
  }

  /**
   * Makes a new token, and writes it to {@code file}, which only this user can read.
   *
   * @param actions what the run can do
   */
  public static Steering of(Path file, RunActions actions) {
    AccessToken token = AccessToken.fresh();
    try {
      token.write(file);
    } catch (IOException e) {
      throw new WriteFailedException(file, e);
    }
    return new Steering(token, Optional.of(actions));
  }

  /** For opinions on pictures alone, with a new token that only this program has. */
  public static Steering ofOpinions() {
    return new Steering(AccessToken.fresh(), Optional.empty());
  }

  /** Returns the run that it steers; empty if it is for opinions alone. */
  Optional<RunActions> run() {
    return actions;
  }

  /** Returns the fragment of the address that lets a browser steer the run. */
  public String fragment() {
    return "#token=" + token.text();
  }

  /**
   * Returns why a request is refused; empty if it is not.
   *
   * @param host from the request, already checked to be this server
   */
  Optional<Answer> refusal(Headers headers, String host) {
    String origin = headers.getFirst("Origin");
    if (origin != null && !origin.equals("http://" + host)) {
      return Optional.of(Answer.text(403, "commands are not taken from pages of " + origin));
    }
    String given = Optional.ofNullable(headers.getFirst(HEADER)).orElse("");
    if (!token.matches(given)) {
      return Optional.of(
          Answer.text(
              403, "this needs the address with the token, which was printed at the start"));
    }
    return Optional.empty();
  }

  /**
   * Performs the action of a request that was not refused.
   *
   * @param name of the action
   */
  Answer act(String name, Map<String, String> values) {
    RunStatus.Done done =
        actions
            .map(run -> run.act(name, values))
            .orElse(
                new RunStatus.Done(
                    false, "this page cannot steer runs; open the address that the run printed"));
    return Answer.text(done.done() ? 200 : 409, done.message());
  }
}
