package io.atelier.tests.launch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code cluster-conf/bin/archive}, and {@code ./atelier} in what comes of it. */
@Timeout(120)
class ArchiveTest {

  @TempDir Path folder;
  private Checkout checkout;

  @BeforeEach
  void make() throws IOException {
    checkout = new Checkout(folder, "checkout");
    Path root = checkout.root();
    for (String file : List.of("README.md", "LICENSE", "THIRD-PARTY.md", "CHANGELOG.md")) {
      Files.copy(Launchers.file("../" + file), root.resolve(file));
    }
    Files.copy(Launchers.file("../SECURITY.md"), root.resolve("SECURITY.md"));
    for (String part : List.of("bin", "container", "kubernetes", "profiles", "slurm", "systemd")) {
      copy(Launchers.file(part), root.resolve("cluster-conf").resolve(part));
    }
    copy(Launchers.file("../licences"), root.resolve("licences"));
    copy(Launchers.file("../docs"), root.resolve("docs"));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file : all.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  private Script.Result archive(String... options) throws Exception {
    String[] command = new String[options.length + 1];
    command[0] = checkout.root().resolve("cluster-conf/bin/archive").toString();
    System.arraycopy(options, 0, command, 1, options.length);
    return checkout.launch(Map.of(), command);
  }

  /** Makes an archive, and unpacks it in a place with a blank in its name. */
  private Path unpacked() throws Exception {
    Script.Result result = archive("--out", folder.resolve("dist").toString());
    assertEquals(0, result.code(), result::output);
    Path archive = folder.resolve("dist/atelier-0.1.tar.gz");
    assertTrue(result.output().endsWith("\n" + archive + "\n"), result::output);
    Path place = Files.createDirectory(folder.resolve("else where"));
    Script.Result tar =
        Script.run(Map.of(), "tar", "-xf", archive.toString(), "-C", place.toString());
    assertEquals(0, tar.code(), tar::output);
    return place.resolve("atelier-0.1");
  }

  @Test
  void shouldRunWithoutSourcesAndMaven() throws Exception {
    Path root = unpacked();
    checkout.tool("mvn", "#!/usr/bin/env bash\nexit 1\n");
    Script.Result result =
        checkout.launch(Map.of(), root.resolve("atelier").toString(), "train", "a b");
    assertEquals(0, result.code(), result::output);
    assertTrue(
        result
            .output()
            .endsWith(
                "<-cp><%s/app/*:%1$s/app/lib/one.jar:%1$s/app/lib/two.jar>".formatted(root)
                    + "<io.atelier.actors.cli.Main><train><a b>"),
        result::output);
    assertTrue(Files.isRegularFile(root.resolve("docs/install.md")));
    assertTrue(Files.isRegularFile(root.resolve("cluster-conf/container/Containerfile")));
    assertEquals(1, checkout.builds(), "by the making of the archive");
  }

  @Test
  void shouldTakeTheJavaThatItHas() throws Exception {
    Path root = unpacked();
    Path java = Files.createDirectories(root.resolve("runtime/bin")).resolve("java");
    Files.writeString(
        java,
        "#!/usr/bin/env bash\n"
            + "[[ $1 != -version ]] || { echo 'openjdk version \"21.0.1\"' >&2; exit; }\n"
            + "echo its own\n");
    assertTrue(java.toFile().setExecutable(true));
    Script.Result result =
        checkout.launch(Map.of(), root.resolve("atelier").toString(), "--version");
    assertEquals("its own\n", result.output());
  }

  @Test
  void shouldSayWhatIsMissing() throws Exception {
    Path root = unpacked();
    Files.delete(root.resolve("app/jars"));
    Script.Result result = checkout.launch(Map.of(), root.resolve("atelier").toString(), "train");
    assertEquals(2, result.code(), result::output);
    assertTrue(result.output().contains("Unpack the whole archive again."), result::output);
  }

  @Test
  void shouldComeOutTheSameToTheByte() throws Exception {
    archive("--out", folder.resolve("one").toString());
    archive("--out", folder.resolve("two").toString());
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("one/atelier-0.1.tar.gz")),
        Files.readAllBytes(folder.resolve("two/atelier-0.1.tar.gz")));
    Script.Result sums =
        checkout.launch(
            Map.of(),
            "bash",
            "-c",
            "cd '" + folder.resolve("one") + "' && sha256sum -c SHA256SUMS");
    assertEquals("atelier-0.1.tar.gz: OK\n", sums.output());
  }

  @Test
  void shouldRefuseATagOfAnotherVersion() throws Exception {
    String git =
        "cd '"
            + checkout.root()
            + "' && git init -q && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m"
            + " a && git tag v0.2";
    Script.Result made = checkout.launch(Map.of(), "bash", "-c", git);
    assertEquals(0, made.code(), made::output);
    Script.Result result = archive();
    assertEquals(2, result.code(), result::output);
    assertTrue(
        result
            .output()
            .contains(
                "this commit is tagged v0.2, but pom.xml has version 0.1. Run mvn versions:set"
                    + " -DnewVersion=0.2"),
        result::output);
  }

  /** A JDK whose Java is one library, which needs {@code needs}. */
  private Script.Result withRuntime(String needs) throws Exception {
    checkout.tool(
        "jlink",
        "#!/usr/bin/env bash\n"
            + "[[ $1 != --version ]] || { echo 25.0.1; exit; }\n"
            + "while [[ $1 != --output ]]; do shift; done\n"
            + "mkdir -p \"$2/lib\" && echo 1 >\"$2/lib/libjavajpeg.so\"\n");
    checkout.tool(
        "ldd",
        "#!/usr/bin/env bash\nprintf '\\tlibc.so.6 => /lib/libc.so.6 (0x1)\\n\\t%s\\n' '"
            + needs
            + "'\n");
    return archive("--runtime", "--out", folder.resolve("with").toString());
  }

  @Test
  void shouldHaveAJavaOfItsOwn() throws Exception {
    Script.Result result = withRuntime("libm.so.6 => /lib/libm.so.6 (0x2)");
    assertEquals(0, result.code(), result::output);
    assertTrue(result.output().endsWith("-linux-x86_64.tar.gz\n"), result::output);
    assertEquals(2, Files.readAllLines(folder.resolve("with/SHA256SUMS")).size());
  }

  @Test
  void shouldRefuseAJavaThatNeedsLibrariesOfItsSystem() throws Exception {
    Script.Result result = withRuntime("libjpeg.so.62 => /usr/lib/libjpeg.so.62 (0x3)");
    assertEquals(2, result.code(), result::output);
    assertTrue(
        result.output().contains("the Java of this JDK takes libjpeg.so.62 from the system"),
        result::output);
    assertTrue(result.output().contains("Set JAVA_HOME to a JDK"), result::output);
  }
}
