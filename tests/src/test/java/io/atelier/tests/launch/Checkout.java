package io.atelier.tests.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A checkout of its own for {@code ./atelier}, never built, with scripts in place of the JDK and of
 * Maven.
 */
final class Checkout {

  private static final List<String> MODULES =
      List.of("models", "rollout", "reward", "learner", "cluster-conf", "actors");

  /** Says what it was started with. */
  private static final String JAVA =
      """
      #!/usr/bin/env bash
      [[ $1 != -version ]] || { echo 'openjdk version "17.0.9"' >&2; exit; }
      echo "charmap=$(locale charmap)"
      echo "libtorch of the environment: ${PYTORCH_LIBRARY_PATH-none}"
      echo "idle threads: ${OMP_WAIT_POLICY:-as they like}"
      printf '<%s>' "$@"
      """;

  /** Makes what a build makes, out of nothing. */
  private static final String MVN =
      """
      #!/usr/bin/env bash
      echo built >> builds
      for module in models rollout reward learner cluster-conf actors; do
        mkdir -p $module/target; echo "$module" > $module/target/atelier-$module-0.1.jar
      done
      printf '%s' "$PWD/repository/one.jar:$PWD/repository/two.jar" > actors/target/libraries
      """;

  private final Path tools;
  private final Path root;

  Checkout(Path folder, String name) throws IOException {
    open(folder);
    tools = Files.createDirectories(folder.resolve("tools"));
    tool("java", JAVA);
    tool("javac", JAVA);
    tool("mvn", MVN);
    root = Files.createDirectory(folder.resolve(name));
    Files.copy(Launchers.file("../atelier"), root.resolve("atelier"));
    Files.createFile(root.resolve("pom.xml"));
    for (String module : MODULES) {
      Files.createDirectories(root.resolve(module).resolve("src/main"));
      Files.createFile(root.resolve(module).resolve("pom.xml"));
    }
    Files.copy(Launchers.file("jvm.options"), root.resolve("cluster-conf/jvm.options"));
    Path repository = Files.createDirectory(root.resolve("repository"));
    Files.writeString(repository.resolve("one.jar"), "1");
    Files.writeString(repository.resolve("two.jar"), "2");
  }

  Path root() {
    return root;
  }

  /** A program that is found before that of the machine. */
  void tool(String name, String script) throws IOException {
    open(Files.writeString(tools.resolve(name), script));
  }

  /** For every user. */
  private static void open(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Replaces text in a script of the checkout, which has to hold it. */
  void edit(String file, Map<String, String> replacements) throws IOException {
    Path script = root.resolve(file);
    String text = Files.readString(script);
    for (Map.Entry<String, String> replacement : replacements.entrySet()) {
      if (!text.contains(replacement.getKey())) {
        throw new IOException(script + " does not hold " + replacement.getKey());
      }
      text = text.replace(replacement.getKey(), replacement.getValue());
    }
    Files.writeString(script, text);
  }

  /** GPUs of the machine are left alone, but where {@code environment} says otherwise. */
  Process start(Map<String, String> environment, String... command) throws IOException {
    Map<String, String> all = new HashMap<>();
    all.put("PYTORCH_LIBRARY_PATH", "");
    all.put("ATELIER_DEVICE", "cpu");
    all.putAll(environment);
    all.put("PATH", tools + ":" + System.getenv("PATH"));
    all.put("JAVA_HOME", "");
    return Script.start(all, command);
  }

  Script.Result launch(Map<String, String> environment, String... command) throws Exception {
    return Script.end(start(environment, command));
  }

  Script.Result atelier(Map<String, String> environment, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(root.resolve("atelier").toString()));
    command.addAll(List.of(arguments));
    return launch(environment, command.toArray(String[]::new));
  }

  int builds() throws IOException {
    Path builds = root.resolve("builds");
    return Files.exists(builds) ? Files.readAllLines(builds).size() : 0;
  }

  /** Makes a source newer than every build. */
  void change() throws IOException {
    Files.setLastModifiedTime(
        root.resolve("actors/pom.xml"), FileTime.from(Instant.parse("2100-01-01T00:00:00Z")));
  }
}
