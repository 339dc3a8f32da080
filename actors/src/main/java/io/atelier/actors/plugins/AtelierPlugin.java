package io.atelier.actors.plugins;

import io.atelier.actors.config.section.PluginSettings;
import io.atelier.reward.sum.RewardSum;
import java.util.Map;
import java.util.function.Function;

/**
 * Rewards by name, for {@code reward.plugins.NAME}. Found by {@link java.util.ServiceLoader}: the
 * jar or folder of the implementation has its class name in {@code
 * META-INF/services/io.atelier.actors.plugins.AtelierPlugin}. All processes of a run need the same
 * one, which is told by its name, its version, and the content of its jar or folder.
 */
public interface AtelierPlugin {

  /** Lower-case letters, digits and dashes; no two plug-ins of a class path have the same. */
  String name();

  /** For people, such as {@code 1.2}. */
  String version();

  /**
   * Makers of the rewards, by name. Each makes a sum of one reward of that name, with no weight, no
   * graph and no critic, and reads all its settings at once: one that it does not read is an error.
   * A bad value is told by an {@link IllegalArgumentException}. A maker is called several times: by
   * each process before a run begins, and the reward itself is made once for each worker.
   */
  Map<String, Function<PluginSettings, RewardSum>> rewards();
}
