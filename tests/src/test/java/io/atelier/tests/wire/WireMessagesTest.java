package io.atelier.tests.wire;

import static java.util.stream.Collectors.toCollection;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import akka.actor.typed.javadsl.Adapter;
import akka.serialization.Serialization;
import akka.serialization.SerializationExtension;
import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.atelier.actors.protocol.WireMessage;
import io.atelier.actors.wire.WireTypes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every message that there is, through the serialization of an actor system. */
class WireMessagesTest {

  private static final String TABLE = "wire-types.txt";

  private static final Set<Class<?>> MESSAGES = messages();

  private static Node node;
  private static List<WireMessage> examples;

  @BeforeAll
  static void start() {
    node = Node.start("cluster", "akka.actor.provider = local");
    examples = WireExamples.all(node.kit());
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  void shouldComeBackAsTheyWere() {
    Serialization serialization =
        SerializationExtension.get(Adapter.toClassic(node.kit().system()));
    for (WireMessage message : examples) {
      byte[] bytes = serialization.serialize(message).get();
      Object back = serialization.deserialize(bytes, 5_600, "atelier/" + WireTypes.VERSION).get();
      assertEquals(Structure.text(message), Structure.text(back));
      assertArrayEquals(bytes, serialization.serialize(back).get(), message::toString);
    }
  }

  @Test
  void shouldHaveAnIdAndAnExampleEach() {
    assertFalse(MESSAGES.isEmpty());
    Set<Class<?>> without = sorted(MESSAGES);
    without.removeAll(WireTypes.byId().values());
    assertEquals(Set.of(), without, "messages without an id in WireTypes");
    Set<Class<?>> shown = new HashSet<>();
    examples.forEach(example -> Structure.collect(example, shown));
    Set<Class<?>> hidden = sorted(WireTypes.byId().values());
    hidden.removeAll(shown);
    assertEquals(Set.of(), hidden, "types without an example in WireExamples");
  }

  @Test
  void shouldHaveIdsForWhatTheyHoldAndNothingElse() {
    Set<Class<?>> reached = sorted(Set.of());
    MESSAGES.forEach(message -> Structure.reach(message, reached));
    assertEquals(reached, sorted(WireTypes.byId().values()));
  }

  @Test
  void shouldKeepTheirIdsAndLayout() throws IOException {
    String table =
        WireTypes.byId().entrySet().stream()
            .map(e -> e.getKey() + " " + e.getValue().getName() + Structure.layout(e.getValue()))
            .collect(Collectors.joining("\n", "version " + WireTypes.VERSION + "\n", "\n"));
    Files.writeString(Path.of("target", TABLE), table);
    try (InputStream in = getClass().getResourceAsStream(TABLE)) {
      assertEquals(
          new String(in.readAllBytes(), StandardCharsets.UTF_8),
          table,
          "What nodes send each other has changed. If a line that was there is another now, raise"
              + " WireTypes.VERSION; then copy tests/target/wire-types.txt over the one in"
              + " tests/src/test/resources.");
    }
  }

  /** Without the libraries that these classes use, which would take far longer to read. */
  private static Set<Class<?>> messages() {
    return ArchConfiguration.withThreadLocalScope(
        configuration -> {
          configuration.setResolveMissingDependenciesFromClassPath(false);
          return new ClassFileImporter()
                  .withImportOption(new ImportOption.DoNotIncludeTests())
                  .importPackages("io.atelier.actors")
                  .stream()
                  .filter(type -> type.isAssignableTo(WireMessage.class) && !type.isInterface())
                  .map(JavaClass::reflect)
                  .collect(toCollection(() -> sorted(Set.of())));
        });
  }

  private static Set<Class<?>> sorted(Iterable<? extends Class<?>> types) {
    Set<Class<?>> sorted = new TreeSet<>(Comparator.comparing(Class::getName));
    types.forEach(sorted::add);
    return sorted;
  }
}
