package io.atelier.actors.node;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What the HTTP port of a node answers.
 *
 * @param location where the answer is, if it leads elsewhere
 */
record AdminAnswer(int status, String type, byte[] body, Optional<String> location) {

  private static final int UNAUTHORIZED = 401;

  AdminAnswer(int status, String type, String text) {
    this(status, type, text.getBytes(StandardCharsets.UTF_8), Optional.empty());
  }

  static AdminAnswer text(int status, String line) {
    return new AdminAnswer(status, "text/plain; charset=utf-8", line + "\n");
  }

  /** To who does not show the token. */
  static AdminAnswer unauthorized(String hint) {
    return text(UNAUTHORIZED, hint);
  }

  AdminAnswer to(String url) {
    return new AdminAnswer(302, type, body, Optional.of(url));
  }

  void send(HttpExchange exchange) throws IOException {
    try (exchange) {
      Headers headers = exchange.getResponseHeaders();
      headers.set("Content-Type", type);
      location.ifPresent(url -> headers.set("Location", url));
      if (status == UNAUTHORIZED) {
        headers.set("WWW-Authenticate", "Bearer");
      }
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
