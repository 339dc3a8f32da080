package io.atelier.tests.launch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.atelier.tests.cli.Cli;
import io.atelier.tests.cli.TinyPipeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ./atelier} in a checkout of its own, with scripts in place of the JDK and of Maven. */
@Timeout(120)
class LauncherTest {

  /** The real one, with the classes of the tests. */
  private static final String REAL_JAVA =
      """
      #!/usr/bin/env bash
      [[ $1 != -version ]] || exec '%s' -version
      arguments=()
      while (( $# > 0 )); do
        if [[ $1 == -cp ]]; then shift 2; else arguments+=("$1"); shift; fi
      done
      exec '%1$s' -cp '%s' "${arguments[@]}"
      """;

  @TempDir Path folder;
  private Checkout checkout;

  @BeforeEach
  void make() throws IOException {
    checkout = new Checkout(folder, "checkout");
  }

  @Test
  void shouldBuildOnceAndStartWhatWasBuilt() throws Exception {
    Script.Result first = checkout.atelier(Map.of("HOME", "/home/somebody"), "train", "a b");
    assertEquals(0, first.code(), first::output);
    Script.Result second = checkout.atelier(Map.of("TMPDIR", "/scratch"), "train");
    assertEquals(1, checkout.builds(), second::output);
    Path app = checkout.root().resolve("target/app");
    assertTrue(
        first
            .output()
            .contains(
                "<-Duser.home=/home/somebody><-cp><%s/*:%s/lib/one.jar:%s/lib/two.jar>"
                        .formatted(app, app, app)
                    + "<io.atelier.actors.cli.Main><train><a b>"),
        first::output);
    assertTrue(second.output().contains("<-Djava.io.tmpdir=/scratch>"), second::output);
    assertEquals("2", Files.readString(app.resolve("lib/two.jar")));
    assertEquals("actors\n", Files.readString(app.resolve("atelier-actors-0.1.jar")));
    checkout.change();
    checkout.atelier(Map.of(), "train");
    assertEquals(2, checkout.builds());
  }

  @ParameterizedTest
  @CsvSource({
    "train, '', PASSIVE",
    "node, '', PASSIVE",
    "train, ACTIVE, ACTIVE",
    "sample, '', as they like",
    "references, '', as they like",
    "bench, PASSIVE, PASSIVE"
  })
  void shouldLetIdleThreadsSleepWhereSeveralWorkersCompute(String name, String set, String expected)
      throws Exception {
    Script.Result result = checkout.atelier(Map.of("OMP_WAIT_POLICY", set), name);
    assertTrue(result.output().contains("idle threads: " + expected + "\n"), result::output);
  }

  @Test
  void shouldAddPlugInsAtTheEndOfTheClassPath() throws Exception {
    Path jars = Files.createDirectory(folder.resolve("my jars"));
    Path jar = Files.writeString(jars.resolve("a.jar"), "a");
    String path = "%s:%s:%s/*".formatted(jar, folder, jars);
    Script.Result result = checkout.atelier(Map.of("ATELIER_CLASSPATH", path), "train");
    assertEquals(0, result.code(), result::output);
    assertTrue(
        result.output().contains("lib/two.jar:%s><io.atelier".formatted(path)), result::output);
  }

  @ParameterizedTest
  @CsvSource({
    "/none.jar, 'ATELIER_CLASSPATH has %s, which is neither a folder nor a jar that'",
    "/checkout/pom.xml, 'ATELIER_CLASSPATH has %s, which is neither a folder nor a jar that'",
    "/checkout/*, 'ATELIER_CLASSPATH has %s, where there is no jar.'"
  })
  void shouldSayWhatThereIsNotOnTheClassPath(String entry, String message) throws Exception {
    String path = folder + entry;
    Script.Result result = checkout.atelier(Map.of("ATELIER_CLASSPATH", path), "train");
    assertEquals(2, result.code(), result::output);
    assertTrue(result.output().contains(message.formatted(path)), result::output);
  }

  @Test
  void shouldNeverBuildWhenToldNotTo() throws Exception {
    Map<String, String> noBuild = Map.of("ATELIER_NO_BUILD", "1");
    Script.Result none = checkout.atelier(noBuild, "train");
    assertEquals(2, none.code(), none::output);
    assertTrue(none.output().contains("atelier --version once without it"), none::output);
    checkout.atelier(Map.of(), "--version");
    checkout.change();
    Script.Result old = checkout.atelier(noBuild, "train");
    assertEquals(0, old.code(), old::output);
    assertTrue(old.output().contains("<train>"), old::output);
    assertEquals(1, checkout.builds());
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "POSIX", "xx_XX.ISO-8859-1", "C.UTF-8"})
  void shouldSpeakUtf8WhateverTheLocale(String locale) throws Exception {
    Script.Result result = checkout.atelier(Map.of("LC_ALL", locale), "sample", "ein Haus — “alt”");
    assertEquals(0, result.code(), result::output);
    assertTrue(result.output().contains("charmap=UTF-8\n"), result::output);
    assertTrue(result.output().endsWith("<sample><ein Haus — “alt”>"), result::output);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sp äc", "ヘや", "$HOME & co"})
  void shouldRunInAFolderOfAnyName(String name) throws Exception {
    checkout = new Checkout(folder, name);
    Script.Result result = checkout.atelier(Map.of("LC_ALL", "C"), "train");
    assertEquals(0, result.code(), result::output);
    assertTrue(
        result.output().contains(checkout.root() + "/target/app/lib/one.jar"), result::output);
    assertEquals(1, checkout.builds());
  }

  /**
   * The same words give the same image whatever the locale, and files get the names they are given.
   */
  @ParameterizedTest
  @CsvSource({"C, ein Haus — “alt”", "POSIX, 狐と雪", "xx_XX.ISO-8859-15, un café ☕"})
  void shouldDrawTheSameWhateverTheLocale(String locale, String prompt) throws Exception {
    Path expected = folder.resolve("expected.png");
    Path drawn = Files.createDirectory(folder.resolve("ä ” ☕")).resolve("ö.png");
    List<String> command =
        List.of("sample", "--threads", "1", "--steps", "2", "--model", "" + TinyPipeline.path());
    List<String> inProcess = new ArrayList<>(command);
    inProcess.addAll(List.of("--prompt", prompt, "--out", expected.toString()));
    Cli cli = Cli.run(inProcess);
    assertEquals(0, cli.code(), cli.err()::toString);
    Path java = ProcessHandle.current().info().command().map(Path::of).orElseThrow();
    checkout.tool("java", REAL_JAVA.formatted(java, System.getProperty("java.class.path")));
    List<String> launched = new ArrayList<>(command);
    launched.addAll(List.of("--prompt", prompt, "--out", drawn.toString()));
    Script.Result result =
        checkout.atelier(Map.of("LC_ALL", locale), launched.toArray(String[]::new));
    assertEquals(0, result.code(), result::output);
    assertArrayEquals(Files.readAllBytes(expected), Files.readAllBytes(drawn));
  }

  /** Bytes of another encoding would become another prompt without a word. */
  @ParameterizedTest
  @ValueSource(strings = {"ein H\\xe4uschen", "\\xff", "caf\\xc3"})
  void shouldRefuseWhatIsNotUtf8(String prompt) throws Exception {
    Path java = ProcessHandle.current().info().command().map(Path::of).orElseThrow();
    checkout.tool("java", REAL_JAVA.formatted(java, System.getProperty("java.class.path")));
    Script.Result result =
        checkout.launch(
            Map.of(),
            "bash",
            "-c",
            "'%s' sample --prompt $'%s' --out x.png"
                .formatted(checkout.root().resolve("atelier"), prompt));
    assertEquals(2, result.code(), result::output);
    assertTrue(result.output().contains("has bytes that are not UTF-8"), result::output);
  }

  private Script.Result asAnother(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups"));
    command.add(checkout.root().resolve("atelier").toString());
    command.addAll(List.of(arguments));
    return checkout.launch(Map.of("HOME", "/"), command.toArray(String[]::new));
  }

  @Test
  void shouldRunForAnyUserOnceItIsBuilt() throws Exception {
    assumeTrue(isRoot(), "only root can become somebody else, by setpriv");
    Script.Result before = asAnother("train");
    assertEquals(2, before.code(), before::output);
    assertTrue(before.output().contains("as its owner"), before::output);
    checkout.atelier(Map.of(), "--version");
    Files.setPosixFilePermissions(
        checkout.root().resolve("repository"), PosixFilePermissions.fromString("rwx------"));
    Script.Result built = asAnother("train");
    assertEquals(0, built.code(), built::output);
    assertTrue(built.output().contains("<train>"), built::output);
    checkout.change();
    Script.Result changed = asAnother("train");
    assertEquals(2, changed.code(), changed::output);
    assertTrue(
        changed.output().contains("actors/pom.xml changed since it was built, and 12345 cannot"),
        changed::output);
    assertFalse(changed.output().contains("Permission denied"), changed::output);
  }

  private static boolean isRoot() throws Exception {
    return Script.run(Map.of(), "bash", "-c", "(( UID == 0 )) && command -v setpriv").code() == 0;
  }

  @Test
  void shouldSayThatAJdkIsTooOldOrMissing() throws Exception {
    checkout.tool("java", "#!/usr/bin/env bash\necho 'java version \"1.8.0_392\"' >&2\n");
    Script.Result old = checkout.atelier(Map.of(), "train");
    assertEquals(2, old.code(), old::output);
    assertTrue(old.output().contains("Install a JDK 17 or later"), old::output);
    checkout.tool("java", "#!/usr/bin/env bash\necho 'no room'; echo 'for a heap'; exit 1\n");
    Script.Result broken = checkout.atelier(Map.of(), "train");
    assertEquals(2, broken.code(), broken::output);
    assertTrue(broken.output().endsWith("but: no room for a heap\n"), broken::output);
  }
}
