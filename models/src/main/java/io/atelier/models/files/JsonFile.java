package io.atelier.models.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A JSON object written by another program, such as {@code config.json}. Its reader declares for
 * every key that it is applied, has one of the supported values, or has no effect; {@link
 * #requireKnown} rejects all others, since an ignored key may change the result.
 */
public final class JsonFile {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final String origin;
  private final JsonNode object;
  private final Set<String> known = new HashSet<>();

  private JsonFile(String origin, JsonNode object) {
    this.origin = origin;
    this.object = object;
  }

  /** Reads an object from a file in UTF-8. */
  public static JsonFile read(Path file) {
    byte[] content;
    try {
      Contents.requireNoPipe(file);
      content = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new FileException("%s does not exist".formatted(file), e);
    } catch (IOException e) {
      throw new FileException("%s cannot be read: %s".formatted(file, Contents.reason(e)), e);
    }
    Contents.known(content)
        .ifPresent(
            what -> {
              throw new FileException("%s cannot be read: it is %s".formatted(file, what));
            });
    return parse(file.toString(), content);
  }

  /**
   * Reads an object from text.
   *
   * @param origin name of the text, for messages
   */
  public static JsonFile parse(String origin, byte[] content) {
    JsonNode object;
    try {
      object = JSON.readTree(content);
    } catch (JsonProcessingException e) {
      if (reason(e).startsWith("Unexpected end-of-input")) {
        throw new FileException(
            "%s cannot be read: its JSON breaks off in line %d; take another copy"
                .formatted(origin, e.getLocation().getLineNr()),
            e);
      }
      String place = // excessive nesting or length has no location
          e.getLocation() == null
              ? "it is not read as JSON"
              : "line %d is not valid JSON".formatted(e.getLocation().getLineNr());
      throw new FileException("%s cannot be read: %s: %s".formatted(origin, place, reason(e)), e);
    } catch (IOException e) {
      throw new FileException("%s cannot be read: %s".formatted(origin, Contents.reason(e)), e);
    }
    if (!object.isObject()) {
      throw new FileException("%s cannot be read: it is not a JSON object".formatted(origin));
    }
    return new JsonFile(origin, object);
  }

  /** A parser's description of an error, without parser internals. */
  public static String reason(IOException e) {
    if (e instanceof MismatchedInputException more
        && more.getOriginalMessage().startsWith("Trailing token")) {
      return "there is more after its end";
    }
    return e instanceof JsonProcessingException json
        ? json.getOriginalMessage()
            .split("\\R| \\(start marker| at \\[Source|: was expecting|: enable `|, from `")[0]
        : Contents.reason(e);
  }

  /** The file, for messages. */
  public String origin() {
    return origin;
  }

  /** The whole object, for a file without fixed keys. */
  public JsonNode object() {
    return object;
  }

  /** The value of a key that the caller applies; a missing node if there is none. */
  public JsonNode get(String key) {
    known.add(key);
    return object.path(key);
  }

  /** Whether there is a value and it is not null. */
  public boolean has(String key) {
    JsonNode value = get(key);
    return !value.isMissingNode() && !value.isNull();
  }

  /** A size or count: 1 or more. */
  public int count(String key) {
    return field(key, "a whole number, 1 or more", v -> isCount(v) && v.asInt() >= 1).asInt();
  }

  /** An id or index: 0 or more. */
  public int id(String key) {
    return field(key, "a whole number, 0 or more", v -> isCount(v) && v.asInt() >= 0).asInt();
  }

  /** A list of sizes, each 1 or more; not empty. */
  public List<Integer> counts(String key) {
    return integers(key, 1, "a list of whole numbers, 1 or more");
  }

  /** A list of indices, each 0 or more; empty if there is none. */
  public List<Integer> ids(String key) {
    return has(key) ? integers(key, 0, "a list of whole numbers, 0 or more") : List.of();
  }

  private List<Integer> integers(String key, int least, String kind) {
    JsonNode list = field(key, kind, v -> v.isArray() && v.size() >= least);
    List<Integer> values = new ArrayList<>();
    for (JsonNode value : list) {
      if (!isCount(value) || value.asInt() < least) {
        throw wrong(key, "should be " + kind);
      }
      values.add(value.asInt());
    }
    return values;
  }

  private static boolean isCount(JsonNode value) {
    return value.isIntegralNumber() && value.canConvertToInt();
  }

  public double number(String key) {
    return field(key, "a number", v -> v.isNumber() && Double.isFinite(v.asDouble())).asDouble();
  }

  public String text(String key) {
    return field(key, "a text", JsonNode::isTextual).asText();
  }

  /** An object within this one. */
  public JsonFile section(String key) {
    if (!get(key).isObject()) {
      throw wrong(key, "should be a section of its own");
    }
    return new JsonFile(origin + ", " + key, get(key));
  }

  /** True or false; {@code otherwise} if there is no value. */
  public boolean flag(String key, boolean otherwise) {
    return has(key) ? field(key, "true or false", JsonNode::isBoolean).asBoolean() : otherwise;
  }

  /** Rejects a key that has another value than these; it may be missing or null. */
  public void only(String key, Object... values) {
    List<JsonNode> allowed = Arrays.stream(values).<JsonNode>map(JSON::valueToTree).toList();
    if (has(key) && allowed.stream().noneMatch(value -> same(value, get(key)))) {
      throw wrong(
          key,
          "is not supported, only "
              + allowed.stream().map(JsonNode::toString).collect(Collectors.joining(", ")));
    }
  }

  private static boolean same(JsonNode a, JsonNode b) {
    return a.isNumber() && b.isNumber() ? a.asDouble() == b.asDouble() : a.equals(b);
  }

  /** Rejects keys that are set: to anything but null, false or an empty container. */
  public void off(String... keys) {
    for (String key : keys) {
      if (!isOff(get(key))) {
        throw wrong(key, "is not supported");
      }
    }
  }

  private static boolean isOff(JsonNode value) {
    return value.isMissingNode()
        || value.isNull()
        || value.isBoolean() && !value.booleanValue()
        || value.isContainerNode() && value.isEmpty();
  }

  /** Declares keys without effect here, whatever their value. */
  public void harmless(String... keys) {
    known.addAll(List.of(keys));
  }

  /**
   * Rejects undeclared keys. One that is null, false or empty is accepted: newer writers mark
   * unused features so.
   */
  public void requireKnown() {
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      if (!known.contains(entry.getKey()) && !isOff(entry.getValue())) {
        throw wrong(
            entry.getKey(),
            "is a key that is not known here and may change the result%s; if it changes nothing,"
                    .formatted(
                        NearestName.to(entry.getKey(), known)
                            .map(name -> " (the nearest known one is \"%s\")".formatted(name))
                            .orElse(""))
                + " take it out");
      }
    }
  }

  private JsonNode field(String key, String kind, Predicate<JsonNode> fits) {
    JsonNode value = get(key);
    if (!fits.test(value)) {
      throw wrong(key, "should be " + kind);
    }
    return value;
  }

  /** An error about the value of {@code key}; {@code rule} states what is wrong. */
  public FileException wrong(String key, String rule) {
    JsonNode value = object.path(key);
    return new FileException(
        value instanceof MissingNode
            ? "%s: \"%s\" is missing; it %s".formatted(origin, key, rule)
            : "%s: \"%s\": %s %s".formatted(origin, key, shown(value), rule));
  }

  private static String shown(JsonNode value) {
    String text = value.toString();
    return text.length() <= 80 ? text : text.substring(0, 77) + "...";
  }
}
