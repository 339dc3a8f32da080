package io.atelier.actors.web.index;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The query of a URL. */
public final class QueryString {

  private QueryString() {}

  /**
   * Returns its values by key, decoded; of several with one key the last.
   *
   * @param raw as it was sent; null for none
   */
  public static Map<String, String> parse(String raw) {
    Map<String, String> values = new HashMap<>();
    for (String pair : raw == null ? new String[0] : raw.split("&")) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        values.put(
            pair.substring(0, equals),
            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return values;
  }
}
