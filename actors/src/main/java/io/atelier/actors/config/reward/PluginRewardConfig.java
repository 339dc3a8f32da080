package io.atelier.actors.config.reward;

import static io.atelier.actors.config.section.Rules.require;

import com.typesafe.config.Config;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.config.section.PluginSettings;
import io.atelier.actors.config.section.Section;
import java.util.function.Function;

/**
 * A reward of a plug-in.
 *
 * @param name of the reward, under which its scores are reported
 * @param section its path in the configuration
 * @param weight in the reward; 0 leaves it out
 * @param settings that the plug-in reads
 */
public record PluginRewardConfig(String name, String section, double weight, Config settings) {

  static final String SETTINGS = "settings";

  public PluginRewardConfig {
    require(weight >= 0, "weight is %s, must not be negative", weight);
  }

  static PluginRewardConfig from(String name, Section section) {
    return section.build(
        () ->
            new PluginRewardConfig(
                name, section.path(), section.decimal("weight"), section.section(SETTINGS).tree()));
  }

  /**
   * Passes the settings to their reader.
   *
   * @throws InvalidConfigException if one is wrong, is missing, or is not read
   */
  public <T> T read(Function<PluginSettings, T> reader) {
    PluginSettings read = new PluginSettings(settings, section + "." + SETTINGS);
    T made;
    try {
      made = reader.apply(read);
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigException("%s.%s: %s".formatted(section, SETTINGS, e.getMessage()), e);
    }
    read.requireAllRead();
    return made;
  }
}
