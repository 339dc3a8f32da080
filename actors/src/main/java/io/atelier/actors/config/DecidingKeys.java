package io.atelier.actors.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import io.atelier.actors.config.reward.NamedSections;
import io.atelier.actors.config.run.HeldOutShare;
import io.atelier.actors.config.run.ReferencesKind;
import io.atelier.models.assets.EmbeddedModel;
import io.atelier.models.encoder.Encoders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Which keys of a configuration decide the result of a run, and which may change on resume. */
final class DecidingKeys {

  /**
   * Keys that may name a file or folder, and which of their values do not. The content of the file
   * or folder, not its path, decides the result.
   */
  private static final Map<String, Predicate<String>> PLACES =
      Map.of(
          "model.path", EmbeddedModel.EMOJI64::equals,
          "model.adapter.from", String::isEmpty,
          "run.amendments", String::isEmpty,
          "data.prompts", EmbeddedModel.EMOJI64::equals,
          "data.held-out", value -> new HeldOutShare(value).file().isEmpty(),
          "data.references", value -> ReferencesKind.of(value) == ReferencesKind.STYLE);

  /** Keys that name something embedded, a file or folder, or nothing. */
  private static final List<String> NETWORKS =
      List.of(
          "reward.adversarial.encoder",
          "reward.features.encoder",
          "reward.artifact.head",
          "reward.artifact.encoder",
          "evaluation.encoder",
          "reward.pickscore.model",
          "reward.clip-score.model",
          "reward.hpsv2.model",
          "reward.aesthetic.model",
          "reward.aesthetic.head");

  private static final String SOME_PLACE = "a file or folder";

  /** Further keys that may change on resume; all other keys decide the result. */
  private static final List<String> CHANGEABLE =
      List.of(
          "run.steps",
          "run.accept",
          "checkpoint.",
          "pictures.",
          "page.",
          "workers.",
          "learner.gradient-checkpointing",
          "limits.",
          "cluster.",
          "transport.",
          "reward.http.NAME.timeout",
          "reward.http.NAME.patience",
          "reward.http.NAME.parallel",
          "reward.http.NAME.cache",
          "reward.judge.NAME.timeout",
          "reward.judge.NAME.patience",
          "reward.judge.NAME.parallel",
          "reward.judge.NAME.cache",
          "reward.judge.NAME.key-variable");

  /**
   * URLs of servers. A server may move, but nothing shows that the one at another URL gives the
   * same scores: the URL decides the result until a person accepts another.
   */
  private static final List<String> SERVERS =
      List.of("reward.http.NAME.url", "reward.judge.NAME.url");

  private DecidingKeys() {}

  /**
   * Whether the value of a key may change on resume; the content of files and folders must stay the
   * same, and another server must be accepted.
   */
  static boolean changeable(String key) {
    String model = NamedSections.model(key);
    return key.equals("run.dir")
        || PLACES.containsKey(key)
        || isNetwork(key)
        || isServer(key)
        || CHANGEABLE.stream().anyMatch(model::startsWith);
  }

  /** Returns the values that decide the result of a run, by key; no paths are among them. */
  static SortedMap<String, String> values(Config tree) {
    SortedMap<String, String> values = new TreeMap<>();
    tree.entrySet().stream()
        .filter(entry -> !changeable(entry.getKey()) || isServer(entry.getKey()))
        .forEach(entry -> values.put(entry.getKey(), text(entry.getValue().unwrapped())));
    for (String key : networks(tree)) {
      String name = tree.getString(key);
      values.put(key, isName(name) ? name : SOME_PLACE);
    }
    return values;
  }

  /** Returns the same text for the same value, in whatever order keys of its objects were read. */
  private static String text(Object value) {
    return sorted(value).toString();
  }

  private static Object sorted(Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(DecidingKeys::sorted).toList();
    }
    if (value instanceof Map<?, ?> map) {
      SortedMap<String, Object> sorted = new TreeMap<>();
      map.forEach((key, inner) -> sorted.put((String) key, sorted(inner)));
      return sorted;
    }
    return value;
  }

  private static List<String> networks(Config tree) {
    return tree.entrySet().stream().map(Map.Entry::getKey).filter(DecidingKeys::isNetwork).toList();
  }

  private static boolean isNetwork(String key) {
    return NETWORKS.contains(NamedSections.model(key));
  }

  private static boolean isServer(String key) {
    return SERVERS.contains(NamedSections.model(key));
  }

  private static boolean isName(String network) {
    return network.isEmpty() || Encoders.isName(network);
  }

  /** Returns the tree with absolute paths, which do not depend on the working folder. */
  static Config withAbsolutePlaces(Config tree) {
    Map<String, Predicate<String>> places = new TreeMap<>(PLACES);
    networks(tree).forEach(key -> places.put(key, DecidingKeys::isName));
    Config absolute = tree;
    for (Map.Entry<String, Predicate<String>> entry : places.entrySet()) {
      String key = entry.getKey();
      Path place = Path.of(tree.getString(key));
      if (!entry.getValue().test(tree.getString(key)) && Files.exists(place)) {
        String from = place.toAbsolutePath().normalize().toString();
        absolute =
            absolute.withValue(
                key, ConfigValueFactory.fromAnyRef(from).withOrigin(tree.getValue(key).origin()));
      }
    }
    return absolute;
  }
}
