package io.atelier.actors.config.reward;

import static io.atelier.actors.config.section.Rules.require;

import io.atelier.actors.config.section.Section;
import io.atelier.actors.config.section.ServerConfig;
import java.time.Duration;

/**
 * A reward that a server gives over HTTP.
 *
 * @param name under which its scores are reported
 * @param weight in the reward; 0 leaves it out
 * @param images how requests encode them
 * @param server that groups are posted to; its cache holds the scores of groups
 */
public record HttpRewardConfig(String name, double weight, Format images, ServerConfig server) {

  /** How a request encodes an image. */
  public enum Format {
    PNG,
    RAW;

    /** As it is written in a configuration and in a request. */
    public String key() {
      return Section.spelled(this);
    }
  }

  public HttpRewardConfig {
    require(weight >= 0, "weight is %s, must not be negative", weight);
  }

  static HttpRewardConfig from(String name, Section section) {
    return section.build(
        () ->
            new HttpRewardConfig(
                name,
                section.decimal("weight"),
                section.choice("images", Format.class),
                ServerConfig.from(section, "http://127.0.0.1:8000/score")));
  }

  /** Its path in the configuration. */
  public String section() {
    return server.section();
  }

  /** Returns the longest time of a group, which may also wait for other calls to end. */
  public Duration longest() {
    return server.patience().plus(server.timeout().multipliedBy(2));
  }
}
