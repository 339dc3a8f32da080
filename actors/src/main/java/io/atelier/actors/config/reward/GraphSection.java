package io.atelier.actors.config.reward;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.config.section.Section;
import io.atelier.actors.config.section.Values;
import io.atelier.models.files.NearestName;
import io.atelier.reward.graph.Node;
import io.atelier.reward.graph.Operation;
import io.atelier.reward.graph.Over;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The section {@code reward.graph}, whose shape is up to the user. A node is the name of a reward,
 * a number, or an object with the key of one operation, the arguments of that, and optionally a
 * {@code name} of its value and its {@code weight} in the node that it is a part of.
 */
public final class GraphSection {

  public static final String KEY = "reward.graph";

  private static final List<String> PATH = ConfigUtil.splitPath(KEY);

  private static final String LEAF = "leaf";
  private static final String MEAN_MINUS_STD = "mean-minus-std";
  private static final String WEIGHTED_MEAN = "weighted-mean";
  private static final String WIN_RATE = "win-rate";
  private static final String CLIP = "clip";
  private static final String SIGMOID = "sigmoid";
  private static final String NORMALISE = "normalise";
  private static final String SCHEDULE = "schedule";
  private static final String GATE = "gate";
  private static final String ROUTE = "route";
  private static final String RUNNING = "running";
  private static final List<String> ANY = List.of("name", "weight");

  /** The further keys that an operation needs, by its own key. */
  private static final Map<String, List<String>> OPERATIONS = operations();

  private final String path;
  private final ConfigValue value;

  private GraphSection(String path, ConfigValue value) {
    this.path = path;
    this.value = value;
  }

  private static Map<String, List<String>> operations() {
    Map<String, List<String>> operations = new LinkedHashMap<>();
    operations.put(LEAF, List.of());
    for (Operation operation : Operation.values()) {
      operations.put(Section.spelled(operation), List.of());
    }
    operations.put(MEAN_MINUS_STD, List.of("factor"));
    operations.put(WEIGHTED_MEAN, List.of());
    operations.put(CLIP, List.of("from", "to"));
    operations.put(SIGMOID, List.of());
    operations.put(NORMALISE, List.of("over", "momentum"));
    operations.put(SCHEDULE, List.of("from", "to", "start", "end"));
    operations.put(WIN_RATE, List.of("temperature"));
    operations.put(GATE, List.of("threshold", "open", "shut"));
    operations.put(ROUTE, List.of("cases", "default"));
    return operations;
  }

  /** Whether a key is the section or is in it. */
  public static boolean holds(List<String> key) {
    return key.size() >= PATH.size() && key.subList(0, PATH.size()).equals(PATH);
  }

  /** Whether a layer removes the graph of the layers before it. */
  public static boolean isEmptied(Config layer) {
    return layer.hasPath(KEY) && isEmpty(layer.getValue(KEY));
  }

  private static boolean isEmpty(ConfigValue value) {
    return value instanceof ConfigObject object && object.isEmpty();
  }

  /** Reads the graph; empty if the section is. */
  static Optional<Node> read(ConfigValue value) {
    return isEmpty(value) ? Optional.empty() : Optional.of(new GraphSection(KEY, value).node());
  }

  private Node node() {
    if (value.valueType() == ConfigValueType.STRING) {
      return Node.leaf(text());
    }
    if (value.valueType() == ConfigValueType.NUMBER) {
      return Node.constant(number());
    }
    if (!(value instanceof ConfigObject object)) {
      throw wrong("must be the name of a reward, a number, or one of " + listed());
    }
    String operation = operation(object);
    List<String> known = new ArrayList<>(ANY);
    known.add(operation);
    known.addAll(OPERATIONS.get(operation));
    for (String key : object.keySet()) {
      if (!known.contains(key)) {
        throw new InvalidConfigException(
            "unknown key %s (%s); did you mean %s? Beside %s there may be %s"
                .formatted(
                    path + "." + key,
                    origin(object.get(key)),
                    NearestName.to(key, known).orElseThrow(),
                    operation,
                    known.stream()
                        .filter(other -> !other.equals(operation))
                        .sorted()
                        .collect(Collectors.joining(", "))));
      }
    }
    Node node = built(() -> of(operation));
    if (object.containsKey("name")) {
      node = node.named(child("name").text());
    }
    if (object.containsKey("weight")) {
      Node inner = node;
      double weight = child("weight").number();
      node = built(() -> inner.weight(weight));
    }
    return node;
  }

  private String operation(ConfigObject object) {
    List<String> found = OPERATIONS.keySet().stream().filter(object::containsKey).toList();
    if (found.isEmpty()) {
      throw new InvalidConfigException(
          "%s has the keys %s (%s), of which none says what it is; give it one of %s"
              .formatted(
                  path,
                  String.join(", ", new TreeSet<>(object.keySet())),
                  origin(value),
                  listed()));
    }
    if (found.size() > 1) {
      throw new InvalidConfigException(
          "%s is both %s (%s) and %s (%s); put one into the other, or leave one out"
              .formatted(
                  path,
                  found.get(0),
                  origin(object.get(found.get(0))),
                  found.get(1),
                  origin(object.get(found.get(1)))));
    }
    return found.get(0);
  }

  private Node of(String key) {
    return switch (key) {
      case LEAF -> Node.leaf(child(key).text());
      case MEAN_MINUS_STD -> new Node.MeanMinusStd(child(key).nodes(), child("factor").number());
      case WEIGHTED_MEAN -> Node.weightedMean(child(key).nodes().toArray(Node[]::new));
      case CLIP -> child(key).node().clip(child("from").number(), child("to").number());
      case SIGMOID -> child(key).node().sigmoid();
      case NORMALISE -> normalise();
      case WIN_RATE -> child(key).node().winRate(child("temperature").number());
      case SCHEDULE ->
          child(key)
              .node()
              .scheduled(
                  child("from").number(),
                  child("to").number(),
                  child("start").step(),
                  child("end").step());
      case GATE ->
          Node.gate(
              child(key).node(),
              child("threshold").number(),
              child("open").node(),
              child("shut").node());
      case ROUTE -> Node.route(child(key).text(), child("cases").cases(), child("default").node());
      default ->
          new Node.Combine(Section.spelled(key, Operation.class).orElseThrow(), child(key).nodes());
    };
  }

  private Node normalise() {
    Node of = child(NORMALISE).node();
    GraphSection over = child("over");
    boolean running = RUNNING.equals(over.value.unwrapped());
    if (!running && ((ConfigObject) value).containsKey("momentum")) {
      throw child("momentum").wrong("counts only where over is running; leave it out");
    }
    return running ? of.runningNormalised(child("momentum").number()) : of.normalised(over.over());
  }

  private GraphSection child(String key) {
    ConfigValue child = ((ConfigObject) value).get(key);
    if (child == null || child.valueType() == ConfigValueType.NULL) {
      throw new InvalidConfigException(
          "%s.%s has no value (%s)".formatted(path, key, origin(value)));
    }
    return new GraphSection(path + "." + key, child);
  }

  private List<Node> nodes() {
    if (!(value instanceof ConfigList list)) {
      throw wrong("must be a list, as in [adversarial, jpeg]");
    }
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      nodes.add(new GraphSection("%s[%d]".formatted(path, i), list.get(i)).node());
    }
    return nodes;
  }

  private SortedMap<String, Node> cases() {
    if (!(value instanceof ConfigObject object)) {
      throw wrong("must have a key for each value of the attribute, as in { text = ocr }");
    }
    SortedMap<String, Node> cases = new TreeMap<>();
    object.forEach(
        (key, node) ->
            cases.put(key, new GraphSection(path + "." + ConfigUtil.joinPath(key), node).node()));
    return cases;
  }

  private String text() {
    if (value.valueType() != ConfigValueType.STRING || ((String) value.unwrapped()).isBlank()) {
      throw wrong("must be a text");
    }
    return (String) value.unwrapped();
  }

  private double number() {
    if (value.valueType() != ConfigValueType.NUMBER) {
      throw wrong("must be a number");
    }
    return ((Number) value.unwrapped()).doubleValue();
  }

  private int step() {
    if (value.valueType() != ConfigValueType.NUMBER
        || number() != Math.rint(number())
        || Math.abs(number()) > Integer.MAX_VALUE) {
      throw wrong("must be the number of a step");
    }
    return (int) number();
  }

  private Over over() {
    return Section.spelled(value.unwrapped(), Over.class)
        .orElseThrow(() -> wrong("must be one of group, step, previous-step, running"));
  }

  private Node built(Supplier<Node> node) {
    try {
      return node.get();
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigException(
          "%s: %s (%s)".formatted(path, e.getMessage(), origin(value)), e);
    }
  }

  private InvalidConfigException wrong(String rule) {
    return new InvalidConfigException(
        "%s = %s %s (%s)"
            .formatted(path, value.render(ConfigRenderOptions.concise()), rule, origin(value)));
  }

  private static String listed() {
    return String.join(", ", OPERATIONS.keySet());
  }

  private static String origin(ConfigValue value) {
    return Values.origin(Values.leaf(value));
  }
}
