package io.atelier.tests.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which rooms of {@code actors} may know which others. */
class RoomsTest {

  private static final String ACTORS = "io.atelier.actors.";

  /** Those of the heart of a run; an actor's room knows no other actor's room. */
  private static final Map<String, List<String>> MAY_KNOW =
      Map.ofEntries(
          Map.entry("ledger", List.of()),
          Map.entry("identity", List.of()),
          Map.entry("transport", List.of("ledger")),
          Map.entry("report", List.of("ledger")),
          Map.entry("codec", List.of("ledger", "report", "transport")),
          Map.entry("port", List.of("ledger", "report", "transport")),
          Map.entry(
              "protocol", List.of("codec", "identity", "ledger", "port", "report", "transport")),
          Map.entry("wire", List.of("identity", "ledger", "protocol", "transport")),
          Map.entry("conductor", below("identity")),
          Map.entry("worker", below("identity")),
          Map.entry("learning", below()),
          Map.entry("pool", below()),
          Map.entry("guardian", below("conductor", "identity", "learning", "pool", "worker")),
          Map.entry("run", List.of("identity", "ledger", "port", "report")));

  /** Rooms of {@code transport}: which of them each may know, besides what all of actors uses. */
  private static final Map<String, List<String>> TRANSPORT_MAY_KNOW =
      Map.of(
          "metrics", List.of(),
          "wire", List.of("metrics"),
          "shm", List.of("wire"),
          "aeron", List.of("metrics", "wire"),
          "transfer", List.of("aeron", "metrics", "wire"),
          "blob", List.of("aeron", "metrics", "transfer", "wire"),
          "weights", List.of("aeron", "metrics", "shm", "transfer", "wire"),
          "plane", List.of("aeron", "blob", "metrics", "shm", "transfer", "weights", "wire"));

  private static List<String> below(String... more) {
    return Stream.concat(
            Stream.of("codec", "ledger", "port", "protocol", "report", "transport"),
            Arrays.stream(more))
        .toList();
  }

  static Stream<String> rooms() {
    return MAY_KNOW.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("rooms")
  void shouldKnowOnlyTheRoomsBelow(String room) {
    List<String> known =
        Stream.concat(Stream.of(room), MAY_KNOW.get(room).stream())
            .map(name -> ACTORS + name)
            .toList();
    classes()
        .that()
        .resideInAPackage(ACTORS + room + "..")
        .should()
        .onlyDependOnClassesThat(
            DescribedPredicate.describe(
                "are outside of actors, or in " + known,
                type ->
                    !type.getPackageName().startsWith("io.atelier.actors")
                        || known.stream().anyMatch(name -> isIn(type.getPackageName(), name))))
        .check(Production.CLASSES);
  }

  static Stream<String> roomsOfTransport() {
    return TRANSPORT_MAY_KNOW.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("roomsOfTransport")
  void shouldKnowOnlyTheRoomsOfTransportBelow(String room) {
    String transport = ACTORS + "transport";
    List<String> known =
        Stream.concat(Stream.of(room), TRANSPORT_MAY_KNOW.get(room).stream())
            .map(name -> transport + "." + name)
            .toList();
    classes()
        .that()
        .resideInAPackage(transport + "." + room + "..")
        .should()
        .onlyDependOnClassesThat(
            DescribedPredicate.describe(
                "are outside of transport, of its interface, or in " + known,
                type ->
                    !isIn(type.getPackageName(), transport)
                        || type.getPackageName().equals(transport)
                        || known.stream().anyMatch(name -> isIn(type.getPackageName(), name))))
        .check(Production.CLASSES);
  }

  @Test
  void shouldHaveAnInterfaceOfTransportThatKnowsNoneOfItsRooms() {
    classes()
        .that()
        .resideInAPackage(ACTORS + "transport")
        .should()
        .onlyDependOnClassesThat()
        .resideOutsideOfPackage(ACTORS + "transport.(*)..")
        .check(Production.CLASSES);
  }

  @Test
  void shouldHaveARuleForEveryRoomOfTransport() {
    Set<String> rooms =
        Production.CLASSES.stream()
            .map(JavaClass::getPackageName)
            .filter(name -> name.startsWith(ACTORS + "transport."))
            .map(name -> name.substring((ACTORS + "transport.").length()).split("\\.")[0])
            .collect(Collectors.toSet());
    assertEquals(TRANSPORT_MAY_KNOW.keySet(), rooms);
  }

  private static boolean isIn(String name, String room) {
    return name.equals(room) || name.startsWith(room + ".");
  }

  @Test
  void shouldHaveNoCycle() {
    slices().matching(ACTORS + "(*)..").should().beFreeOfCycles().check(Production.CLASSES);
  }

  @Test
  void shouldHaveNoCycleWithinTransport() {
    slices()
        .matching(ACTORS + "transport.(*)..")
        .should()
        .beFreeOfCycles()
        .check(Production.CLASSES);
  }
}
