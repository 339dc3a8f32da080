package io.atelier.actors.web;

import com.sun.net.httpserver.Headers;
import io.atelier.actors.port.Clock;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.file.WriteFailedException;
import io.atelier.actors.web.index.Answer;
import io.atelier.actors.web.index.QueryString;
import io.atelier.actors.web.view.RunShelf;
import io.atelier.actors.web.view.RunView;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The {@code POST} requests, which need the token: steer a run, label a picture, judge a pair, draw
 * a prompt.
 *
 * @param steering empty if nothing is allowed
 */
record PagePosts(
    RunShelf shelf,
    Optional<Steering> steering,
    BlindPairs blind,
    SampleProcess samples,
    Clock clock) {

  private static final Pattern ACT =
      Pattern.compile("/run/([^/]+)/(?:act/([a-z]+)|(label|pair|vote|sample(?:/stop)?))");

  /** Answers a request whose host name and method have been checked. */
  Answer answer(String path, String query, Headers headers) throws IOException {
    Matcher parts = ACT.matcher(path);
    Optional<RunView> run = parts.matches() ? shelf.find(parts.group(1)) : Optional.empty();
    if (run.isEmpty()) {
      return Answer.text(404, "there is nothing to do at " + path);
    }
    Steering token = steering.orElseThrow();
    Optional<Answer> refusal = token.refusal(headers, headers.getFirst("Host"));
    if (refusal.isPresent()) {
      return refusal.get();
    }
    try {
      Map<String, String> values = QueryString.parse(query);
      return parts.group(2) != null
          ? token.act(parts.group(2), values)
          : said(run.get(), parts.group(3), values);
    } catch (IllegalArgumentException | RunFolderException e) {
      return Answer.text(400, e.getMessage());
    } catch (WriteFailedException e) {
      return Answer.text(500, e.getMessage());
    }
  }

  /** Handles a person's opinion on pictures, or a prompt to draw. */
  private Answer said(RunView run, String what, Map<String, String> values) throws IOException {
    return switch (what) {
      case "label" -> run.labels().put(values, clock.epochMillis());
      case "pair" -> {
        String other = values.getOrDefault("other", "");
        Optional<RunView> against = other.isEmpty() ? Optional.of(run) : shelf.find(other);
        yield against.isEmpty()
            ? Answer.text(404, "there is no run %s here".formatted(other))
            : blind.pair(run, against.get(), values);
      }
      case "sample/stop" ->
          samples.stop(run.folder())
              ? Answer.text(200, "it is stopped")
              : Answer.text(409, "nothing is drawn at the moment");
      case "sample" ->
          samples.start(run.folder(), values)
              ? Answer.text(200, "it is drawn in a process of its own, which loads the model first")
              : Answer.text(409, "another prompt is drawn at the moment");
      default -> blind.vote(run, values, clock.epochMillis());
    };
  }
}
