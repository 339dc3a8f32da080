package io.atelier.actors.plugins;

import io.atelier.actors.config.reward.PluginRewardConfig;
import io.atelier.actors.config.reward.RewardConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.config.section.PluginSettings;
import io.atelier.actors.identity.Identity;
import io.atelier.models.files.NearestName;
import io.atelier.reward.adversarial.TaughtReward;
import io.atelier.reward.sum.RewardSum;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** Plug-ins, and the rewards that they have. Immutable. */
public final class Plugins {

  /** How the names of parts of an identity begin that are a plug-in. */
  public static final String PART = "plugin-";

  private static final String WHERE_FROM =
      "ATELIER_CLASSPATH, or the class path of the program, has the jars or folders of plug-ins";

  private record Maker(AtelierPlugin plugin, Function<PluginSettings, RewardSum> reward) {}

  private final SortedMap<String, AtelierPlugin> plugins = new TreeMap<>();
  private final SortedMap<String, Maker> rewards = new TreeMap<>();

  private Plugins(List<AtelierPlugin> all) {
    all.forEach(this::add);
  }

  /**
   * Those that the class loader of this thread finds.
   *
   * @throws InvalidConfigException if one cannot be loaded, or two have the same name
   */
  public static Plugins found() {
    try {
      return of(
          ServiceLoader.load(AtelierPlugin.class).stream()
              .map(ServiceLoader.Provider::get)
              .toList());
    } catch (ServiceConfigurationError e) {
      String cause = e.getCause() == null ? "" : ": " + e.getCause();
      throw new InvalidConfigException(
          "a plug-in cannot be loaded: %s%s. %s".formatted(e.getMessage(), cause, WHERE_FROM), e);
    }
  }

  /** These, and no others. */
  public static Plugins of(List<AtelierPlugin> all) {
    return new Plugins(all);
  }

  /** These and one that a program brings along. */
  public Plugins plus(AtelierPlugin plugin) {
    List<AtelierPlugin> all = new ArrayList<>(plugins.values());
    all.add(plugin);
    return of(all);
  }

  private void add(AtelierPlugin plugin) {
    String name = plugin.name();
    if (!TaughtReward.isName(name)) {
      throw new InvalidConfigException(
          "plug-in %s is called \"%s\"; take %s"
              .formatted(plugin.getClass().getName(), name, TaughtReward.NAME_RULE));
    }
    AtelierPlugin other = plugins.put(name, plugin);
    if (other != null) {
      throw new InvalidConfigException(
          "two plug-ins are called %s: %s and %s; leave one out"
              .formatted(name, described(other), described(plugin)));
    }
    plugin
        .rewards()
        .forEach(
            (reward, maker) -> {
              Maker taken = rewards.put(reward, new Maker(plugin, maker));
              if (taken != null) {
                throw new InvalidConfigException(
                    "two plug-ins have a reward %s: %s and %s; leave one out"
                        .formatted(reward, described(taken.plugin()), described(plugin)));
              }
            });
  }

  private static String described(AtelierPlugin plugin) {
    return "%s (%s in %s)"
        .formatted(plugin.name(), plugin.getClass().getName(), PluginFiles.place(plugin));
  }

  /**
   * The reward of a section, without its weight.
   *
   * @throws InvalidConfigException if no plug-in has it, or it does not take its settings
   */
  public RewardSum reward(PluginRewardConfig part) {
    Maker maker = maker(part);
    RewardSum made = part.read(maker.reward());
    if (made == null
        || !made.names().equals(List.of(part.name()))
        || made.graph().isPresent()
        || !made.taught().isEmpty()) {
      throw new InvalidConfigException(
          ("%s: plug-in %s makes %s; it must be the one reward %s, with no graph and no critic")
              .formatted(
                  part.section(),
                  maker.plugin().name(),
                  made == null ? "nothing" : "a sum of " + made.names(),
                  part.name()));
    }
    return made;
  }

  private Maker maker(PluginRewardConfig part) {
    Maker maker = rewards.get(part.name());
    if (maker == null) {
      throw new InvalidConfigException(
          "%s: no plug-in has a reward %s; %s. %s"
              .formatted(
                  part.section(),
                  part.name(),
                  NearestName.to(part.name(), rewards.keySet())
                      .map(
                          near ->
                              "did you mean reward.plugins.%s? There are %s"
                                  .formatted(near, String.join(", ", rewards.keySet())))
                      .orElse("there is none"),
                  WHERE_FROM));
    }
    return maker;
  }

  /** What the plug-ins are whose rewards are scored, by the names that they have in an identity. */
  public SortedMap<String, Identity.Part> parts(RewardConfig reward) {
    SortedMap<String, Identity.Part> parts = new TreeMap<>();
    for (PluginRewardConfig part : reward.plugged()) {
      AtelierPlugin plugin = maker(part).plugin();
      parts.computeIfAbsent(PART + plugin.name(), name -> PluginFiles.part(plugin));
    }
    return parts;
  }

  /**
   * What the plug-in is that has a name in an identity; empty if it is not there.
   *
   * @param part {@link #PART} and the name of the plug-in
   */
  public Optional<Identity.Part> part(String part) {
    return Optional.ofNullable(plugins.get(part.substring(PART.length()))).map(PluginFiles::part);
  }
}
