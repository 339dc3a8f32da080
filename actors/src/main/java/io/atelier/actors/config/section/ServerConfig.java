package io.atelier.actors.config.section;

import static io.atelier.actors.config.section.Rules.require;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Settings for calling a server over HTTP.
 *
 * @param section path of the section that has these keys, for messages
 * @param url where requests are posted to
 * @param timeout limit of one call, from its beginning to the last byte of the answer; above 0
 * @param patience how long a request is retried before it is put off; 0 for no retry
 * @param parallel most calls of one process at a time, at least 1
 * @param cache answers that a process keeps; 0 for none
 */
public record ServerConfig(
    String section, URI url, Duration timeout, Duration patience, int parallel, int cache) {

  private static final List<String> SCHEMES = List.of("http", "https");

  private static final int LAST_PORT = 65_535;

  public ServerConfig {
    require(!timeout.isNegative() && !timeout.isZero(), "timeout is %s, must be above 0", timeout);
    require(!patience.isNegative(), "patience is %s, must not be negative", patience);
    require(parallel >= 1, "parallel is %d, must be at least 1", parallel);
    require(cache >= 0, "cache is %d, must not be negative", cache);
  }

  /**
   * @param example a valid URL, for messages
   */
  public static ServerConfig from(Section section, String example) {
    return new ServerConfig(
        section.path(),
        url(section.text("url"), example),
        section.duration("timeout"),
        section.duration("patience"),
        section.integer("parallel"),
        section.integer("cache"));
  }

  private static URI url(String text, String example) {
    require(!text.isEmpty(), "url is empty, must say where to post, as in %s", example);
    URI url;
    try {
      url = new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "url is %s, which is not a URL: %s".formatted(text, e.getReason()), e);
    }
    require(
        url.getScheme() != null && SCHEMES.contains(url.getScheme().toLowerCase(Locale.ROOT)),
        "url is %s, must begin with http:// or https://",
        text);
    require(
        url.getHost() != null,
        "url is %s, must name a host; its name has letters, digits, dots and hyphens, and IPv6 is"
            + " in brackets",
        text);
    require(
        url.getPort() != 0 && url.getPort() <= LAST_PORT,
        "url is %s, whose port must be 1 to %d",
        text,
        LAST_PORT);
    require(
        url.getRawUserInfo() == null,
        "url has a user name, which would be written to the run folder for all to read; leave it out");
    require(
        url.getRawFragment() == null,
        "url is %s, must have no part after #, which is never sent",
        text);
    return url;
  }
}
