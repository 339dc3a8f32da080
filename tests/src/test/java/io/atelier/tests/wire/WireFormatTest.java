package io.atelier.tests.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import io.atelier.actors.protocol.WireMessage;
import io.atelier.actors.wire.KryoSerializer;
import io.atelier.actors.wire.WireException;
import io.atelier.actors.wire.WireFormat;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a message can hold, and what is refused on either side. */
class WireFormatTest {

  private static final int LIMIT = 1_000;

  public enum Colour {
    RED,
    GREEN
  }

  public sealed interface Shape {}

  public record Dot() implements Shape {}

  public record Circle(double radius, Colour colour) implements Shape {}

  public record Numbers(boolean yes, int whole, long wide, float small, double real)
      implements WireMessage {}

  public record Arrays5(byte[] bytes, int[] ints, long[] longs, float[] floats, double[] doubles)
      implements WireMessage {}

  public record Words(String text, Duration duration, Colour colour) implements WireMessage {}

  public record Containers(
      Optional<String> maybe,
      List<Shape> shapes,
      List<Dot> dots,
      Map<String, List<Long>> map,
      SortedMap<Integer, Boolean> sorted)
      implements WireMessage {}

  public record Refs(ActorRef<String> to, Shape shape) implements WireMessage {}

  public record Tree(List<Tree> branches) implements WireMessage {}

  public enum Signal implements WireMessage {
    GO
  }

  public record Unregistered(int value) implements WireMessage {}

  public record HoldsAnything(Object anything) implements WireMessage {}

  public record HoldsUnregistered(List<Unregistered> list) implements WireMessage {}

  record NotPublic(int value) implements WireMessage {}

  private static Node node;
  private static WireFormat format;

  @BeforeAll
  static void start() {
    node = Node.start("cluster", "akka.actor.provider = local");
    format =
        format(
            Colour.class,
            Dot.class,
            Circle.class,
            Numbers.class,
            Arrays5.class,
            Words.class,
            Containers.class,
            Refs.class,
            Tree.class,
            Signal.class);
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  /** Types get the ids from 100 on. */
  private static WireFormat format(Class<?>... types) {
    SortedMap<Integer, Class<?>> byId = new TreeMap<>();
    for (int i = 0; i < types.length; i++) {
      byId.put(100 + i, types[i]);
    }
    return new WireFormat(byId, ActorRefResolver.get(node.kit().system()), LIMIT);
  }

  private static void comesBack(WireMessage message) {
    assertEquals(Structure.text(message), Structure.text(format.decode(format.encode(message))));
  }

  private static String refusedMessage(WireMessage message) {
    return assertThrows(WireException.class, () -> format.encode(message)).getMessage();
  }

  private static String refusedFrame(String hex) {
    byte[] frame = HexFormat.ofDelimiter(" ").parseHex(hex);
    return assertThrows(WireException.class, () -> format.decode(frame)).getMessage();
  }

  private static void contains(String part, String text) {
    assertTrue(text.contains(part), () -> "\"%s\" in: %s".formatted(part, text));
  }

  @Test
  void shouldCarryNumbersToTheLastBit() {
    comesBack(new Numbers(true, Integer.MIN_VALUE, Long.MIN_VALUE, -0.0f, Double.NaN));
    comesBack(
        new Numbers(
            false, Integer.MAX_VALUE, Long.MAX_VALUE, Float.MIN_VALUE, Double.NEGATIVE_INFINITY));
    comesBack(
        new Arrays5(
            new byte[] {-1, 0},
            new int[] {Integer.MIN_VALUE, 1},
            new long[] {Long.MAX_VALUE},
            new float[] {Float.NaN, 1e-40f},
            new double[] {Math.PI}));
    comesBack(new Arrays5(new byte[0], new int[0], new long[0], new float[0], new double[0]));
  }

  @Test
  void shouldCarryTextDurationsAndConstants() {
    comesBack(new Words("", Duration.ofSeconds(-1, 999_999_999), Colour.GREEN));
    comesBack(new Words("naïve 🐈\u0000\n", Duration.ofSeconds(Long.MAX_VALUE), Colour.RED));
    comesBack(Signal.GO);
  }

  @Test
  void shouldCarryContainersInTheirOrder() {
    Map<String, List<Long>> map = new LinkedHashMap<>();
    map.put("z", List.of(1L));
    map.put("a", List.of());
    comesBack(
        new Containers(
            Optional.of("x"),
            List.of(new Dot(), new Circle(0.5, Colour.RED)),
            List.of(new Dot(), new Dot()),
            map,
            new TreeMap<>(Map.of(3, true, -1, false))));
    comesBack(new Containers(Optional.empty(), List.of(), List.of(), Map.of(), new TreeMap<>()));
  }

  @Test
  void shouldCarryActors() {
    ActorRef<String> ref = node.kit().<String>createTestProbe().ref();
    Refs back = (Refs) format.decode(format.encode(new Refs(ref, new Dot())));
    assertEquals(ref, back.to());
  }

  @Test
  void shouldServeManyThreadsAtOnce() {
    Tree tree = new Tree(List.of(new Tree(List.of()), new Tree(List.of(new Tree(List.of())))));
    assertEquals(
        20_000,
        IntStream.range(0, 20_000)
            .parallel()
            .filter(i -> format.decode(format.encode(tree)).equals(tree))
            .count());
  }

  @Test
  void shouldRefuseToSendWhatIsOverTheLimit() {
    int around =
        format.encode(new Arrays5(new byte[0], ints(0), longs(), floats(), doubles())).length;
    byte[] fits = new byte[LIMIT - around - 1];
    assertEquals(
        LIMIT, format.encode(new Arrays5(fits, ints(0), longs(), floats(), doubles())).length);
    Arrays5 tooLong =
        new Arrays5(Arrays.copyOf(fits, fits.length + 1), ints(0), longs(), floats(), doubles());
    contains("Arrays5 takes 1001 bytes, over the limit of 1000", refusedMessage(tooLong));
    Arrays5 farTooLong = new Arrays5(fits, ints(1 << 20), longs(), floats(), doubles());
    contains("Arrays5 takes 4195306 bytes", refusedMessage(farTooLong));
  }

  private static int[] ints(int length) {
    return new int[length];
  }

  private static long[] longs() {
    return new long[0];
  }

  private static float[] floats() {
    return new float[0];
  }

  private static double[] doubles() {
    return new double[0];
  }

  @Test
  void shouldRefuseToSendWhatHasNoId() {
    contains("Unregistered has no id: add it to WireTypes", refusedMessage(new Unregistered(1)));
    KryoSerializer serializer = KryoSerializer.of(node.kit().system());
    assertThrows(WireException.class, () -> serializer.toBinary(new Unregistered(1)));
    assertEquals(1, serializer.refusedMessages());
  }

  @Test
  void shouldRefuseToSendWhatWouldArriveAsSomethingElse() {
    contains("Words.text is null", refusedMessage(new Words(null, Duration.ZERO, Colour.RED)));
    contains("half a surrogate", refusedMessage(new Words("\ud83d", Duration.ZERO, Colour.RED)));
    contains("null in a list", refusedMessage(new Tree(Arrays.asList(new Tree(List.of()), null))));
    SortedMap<Integer, Boolean> reversed = new TreeMap<>(Comparator.reverseOrder());
    contains(
        "comparator of its own",
        refusedMessage(new Containers(Optional.empty(), List.of(), List.of(), Map.of(), reversed)));
  }

  @Test
  void shouldBoundDepthOnBothSides() {
    Tree tree = new Tree(List.of());
    for (int depth = 1; depth < 16; depth++) {
      tree = new Tree(List.of(tree));
    }
    comesBack(tree);
    Tree deeper = new Tree(List.of(tree));
    contains("Max depth exceeded", refusedMessage(deeper));
    contains("Max depth exceeded", refusedFrame("6c" + " 01".repeat(900) + " 00"));
  }

  @Test
  void shouldRefuseFramesThatAreNoMessage() {
    contains("frame ends early: 1 bytes wanted where 0 are left", refusedFrame(""));
    contains("type id 5000 is unknown", refusedFrame("88 27"));
    contains("type id 4294967295 is unknown", refusedFrame("ff ff ff ff 0f"));
    contains("type id 1 is java.lang.String, where a", refusedFrame("01 ff ff ff 7f 01"));
    contains("where a io.atelier.actors.protocol.WireMessage was expected", refusedFrame("65 00"));
    contains("2 bytes behind a", refusedFrame("6c 00 00 00"));
    byte[] huge = new byte[LIMIT + 1];
    contains(
        "frame of 1001 bytes, over the limit of 1000",
        assertThrows(WireException.class, () -> format.decode(huge)).getMessage());
  }

  @Test
  void shouldRefuseValuesOutOfRange() {
    contains("boolean 2", refusedFrame("67 02 00 00 00 00 00 00 00 00 00 00 00 00 00 00"));
    contains("has no constant 7: 0 to 0", refusedFrame("6d 07"));
    contains("is not UTF-8", refusedFrame("69 02 c3 28"));
    contains("4294967295 nanoseconds", refusedFrame("69 00 00 ff ff ff ff 0f 00"));
    contains("\"no path\" is not the path of an actor", refusedFrame("6b 07 6e 6f 20 70 61 74 68"));
    contains("where a " + Shape.class.getName(), refusedFrame(refsWithANumberForAShape()));
    contains("two values for 1", refusedFrame("6a 00 00 00 00 02 02 00 02 00"));
  }

  private static String refsWithANumberForAShape() {
    ActorRef<String> ref = node.kit().<String>createTestProbe().ref();
    byte[] frame = format.encode(new Refs(ref, new Dot()));
    frame[frame.length - 2] = 103; // the id of Numbers
    return HexFormat.ofDelimiter(" ").formatHex(frame);
  }

  @Test
  void shouldRefuseTypesThatCannotTravelAtOnce() {
    contains("HoldsAnything.anything is a java.lang.Object", refusedType(HoldsAnything.class));
    contains("Unregistered, which has no id", refusedType(HoldsUnregistered.class));
    contains("must be public", refusedType(NotPublic.class));
    contains("only a record or an enum travels", refusedType(String.class));
  }

  private static String refusedType(Class<?> type) {
    return assertThrows(IllegalArgumentException.class, () -> format(type)).getMessage();
  }
}
