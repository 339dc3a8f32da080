package io.atelier.tests.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.atelier.actors.identity.Version;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the build says of the program is a hash over its sources. */
class BuildTest {

  private static final Path ROOT = Path.of(System.getProperty("atelier.root", ".."));

  private static boolean isSource(String path) {
    boolean ofModule = path.matches("[^/]+/(pom\\.xml|src/main/.*)") && !path.startsWith("tests/");
    return ofModule || path.equals("pom.xml");
  }

  private static MessageDigest sha256() throws NoSuchAlgorithmException {
    return MessageDigest.getInstance("SHA-256");
  }

  @Test
  void shouldNameTheSourcesItWasBuiltFrom() throws IOException, NoSuchAlgorithmException {
    Optional<String> build = Version.build();
    assumeTrue(build.isPresent(), "not built by Maven");
    Map<String, Path> sources = new TreeMap<>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.toList()) {
        Stream.of(module, module.resolve("pom.xml"))
            .filter(Files::isRegularFile)
            .forEach(file -> sources.put(ROOT.relativize(file).toString(), file));
        if (Files.isDirectory(module.resolve("src/main"))) {
          try (Stream<Path> files = Files.walk(module.resolve("src/main"))) {
            files
                .filter(Files::isRegularFile)
                .forEach(file -> sources.put(ROOT.relativize(file).toString(), file));
          }
        }
      }
    }
    sources.keySet().removeIf(path -> !isSource(path));
    MessageDigest all = sha256();
    for (Map.Entry<String, Path> source : sources.entrySet()) {
      all.update(sha256().digest(Files.readAllBytes(source.getValue())));
      all.update(source.getKey().getBytes(StandardCharsets.UTF_8));
    }
    assertEquals(HexFormat.of().formatHex(all.digest()), build.get(), "build the project again");
  }
}
