package io.atelier.tests.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.atelier.actors.config.TrainConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A profile suits every run: nodes that differ in it compute the same. */
class ProfilesTest {

  static List<Path> profiles() throws IOException {
    try (Stream<Path> files = Files.list(Launchers.file("profiles"))) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("profiles")
  void shouldLeaveTheResultAlone(Path profile) {
    TrainConfig plain = TrainConfig.load("dev");
    TrainConfig profiled = TrainConfig.load("dev", List.of(profile), List.of());
    assertNotEquals(plain.tree(), profiled.tree(), "it has no key");
    assertEquals(plain.deciding(), profiled.deciding());
  }
}
