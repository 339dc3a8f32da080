package io.atelier.tests.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What {@code ./atelier} does where there is a GPU: a file stands for it, and jars of a few bytes
 * for those with libtorch.
 */
@Timeout(120)
class CudaLibrariesTest {

  /** Fetches from a folder; what {@code fault} holds is done in its place, once. */
  private static final String MVN =
      """
      #!/usr/bin/env bash
      for argument in "$@"; do
        case $argument in
          -Dartifact=*) IFS=: read -r group name version kind classifier <<<"${argument#*=}" ;;
          -Dmaven.repo.local=*) local=${argument#*=} ;;
        esac
      done
      if [[ -z $name ]]; then %s
        exit
      fi
      cd '%s'
      echo "$name" >> fetches
      path=${group//.//}/$name/$version/$name-$version-$classifier.$kind
      mkdir -p "$local/${path%%/*}"
      if [[ -e fault-$name ]]; then
        . ./fault-$name
      fi
      cp "remote/$path" "$local/$path"
      """;

  /**
   * Marks tests that unpack real jars by the JDK, which starts eight times for that; in the others
   * they are archives of tar, which takes the same arguments.
   */
  private static final String JDK = "jdk";

  @TempDir Path folder;
  private Checkout checkout;
  private Path cache;

  @BeforeEach
  void make(TestInfo test) throws Exception {
    boolean real = test.getTags().contains(JDK);
    checkout = new Checkout(folder, "checkout");
    cache = folder.resolve("cache");
    Path root = checkout.root();
    Files.createDirectory(root.resolve("cluster-conf/bin"));
    Path script = root.resolve("cluster-conf/bin/cuda-libraries");
    Files.copy(Launchers.file("bin/cuda-libraries"), script);
    checkout.edit(
        "cluster-conf/bin/cuda-libraries", new CudaJars(root.resolve("remote"), real).sums());
    if (!real) {
      checkout.tool("jar", "#!/usr/bin/env bash\nexec tar \"$@\"\n");
    }
    checkout.edit("atelier", Map.of("/dev/nvidia", folder + "/dev/nvidia"));
    Path device = Files.createDirectory(folder.resolve("dev")).resolve("nvidia0");
    Files.createFile(device);
    Path build = folder.resolve("tools/mvn");
    Files.move(build, folder.resolve("tools/build"));
    checkout.tool("mvn", MVN.formatted(folder.resolve("tools/build"), root));
    checkout.tool("nvidia-smi", "#!/usr/bin/env bash\necho 'NVIDIA H200, 9.0'\n");
  }

  private Map<String, String> environment(Map<String, String> changes) {
    Map<String, String> environment = new HashMap<>();
    environment.put("XDG_CACHE_HOME", cache.toString());
    environment.put("ATELIER_DEVICE", "");
    environment.put("CUDA_VISIBLE_DEVICES", "0");
    environment.putAll(changes);
    return environment;
  }

  private Script.Result atelier(Map<String, String> changes, String... arguments) throws Exception {
    return checkout.atelier(environment(changes), arguments);
  }

  private Script.Result train() throws Exception {
    return atelier(Map.of(), "train");
  }

  private List<String> fetches() throws IOException {
    Path fetches = checkout.root().resolve("fetches");
    return Files.exists(fetches) ? Files.readAllLines(fetches) : List.of();
  }

  /** What Maven does in place of fetching a jar. */
  private void fault(String name, String body) throws IOException {
    Files.writeString(checkout.root().resolve("fault-" + name), body + "\n");
  }

  /** The folder that the JVM is told of. */
  private static Path told(Script.Result result) {
    assertEquals(0, result.code(), result::output);
    assertTrue(result.output().contains("<-DPYTORCH_FLAVOR=cu128>"), result::output);
    assertTrue(result.output().contains("of the environment: none\n"), "it hides the flag");
    String after = result.output().split("<-DPYTORCH_LIBRARY_PATH=")[1];
    return Path.of(after.substring(0, after.indexOf('>')));
  }

  private static Map<String, String> libraries(Path folder) throws IOException {
    Map<String, String> libraries = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.getFileName().toString().startsWith("lib")).toList()) {
        libraries.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return libraries;
  }

  /** Nothing but the folder and the file that is locked. */
  private void assertNothingIsLeftBeside(Path libraries) throws IOException {
    try (Stream<Path> files = Files.list(libraries.getParent())) {
      assertEquals(
          List.of(libraries.getFileName().toString(), "libtorch-cuda.lock"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  @Tag(JDK)
  void shouldFetchOnce() throws Exception {
    Script.Result first = train();
    Path told = told(first);
    assertEquals(cache.resolve("atelier"), told.getParent());
    assertEquals(CudaJars.libraries(), libraries(told));
    assertNothingIsLeftBeside(told);
    for (String line :
        List.of(
            "atelier: libtorch for NVIDIA GPUs is fetched once: 3 GB in four parts, unpacked"
                + " into %s (3.6 GB). To compute without it, set ATELIER_DEVICE=cpu; to use another one,"
                    .formatted(told)
                + " PYTORCH_LIBRARY_PATH\n",
            "atelier: 1 of 4: cuda 12.6-9.5-1.5.11, 2030 MB\n",
            "atelier: 4 of 4: openblas 0.3.30-1.5.12, 20 MB\n",
            "atelier: libtorch for CUDA is in " + told + "\n")) {
      assertTrue(first.output().contains(line), first::output);
    }
    assertEquals(List.of("cuda", "pytorch", "cuda-redist", "openblas"), fetches());
    Script.Result second = train();
    assertEquals(told, told(second));
    assertFalse(second.output().contains("atelier: "), second::output);
    assertEquals(4, fetches().size());
    assertEquals(told, told(atelier(Map.of(), "doctor")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"node", "sample", "references", "eval", "bench", "pretrain"})
  void shouldFetchForWhateverComputes(String command) throws Exception {
    told(atelier(Map.of(), command));
    assertEquals(4, fetches().size());
  }

  @ParameterizedTest
  @CsvSource({
    "cpu,  train",
    "'',   sample --device cpu",
    "'',   eval --device=CPU --threads 1",
    "'',   node placement.device=cpu",
    "'',   train --help",
    "'',   doctor",
    "'',   status",
    "'',   --version"
  })
  void shouldNotFetchForWhatNeedsNoGpu(String device, String arguments) throws Exception {
    Script.Result result = atelier(Map.of("ATELIER_DEVICE", device), arguments.split(" "));
    assertEquals(0, result.code(), result::output);
    assertFalse(result.output().contains("PYTORCH"), result::output);
    assertEquals(List.of(), fetches());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1"})
  void shouldNotFetchForAProcessThatMaySeeNoGpu(String devices) throws Exception {
    Script.Result result = atelier(Map.of("CUDA_VISIBLE_DEVICES", devices), "node");
    assertEquals(0, result.code(), result::output);
    assertFalse(result.output().contains("-DPYTORCH"), result::output);
    assertEquals(List.of(), fetches());
  }

  @Test
  void shouldFetchWhereAGpuIsSeenOrSaidToBe() throws Exception {
    Files.delete(folder.resolve("dev/nvidia0"));
    Files.createFile(folder.resolve("dev/nvidiactl"));
    assertFalse(train().output().contains("PYTORCH"));
    assertEquals(List.of(), fetches());
    told(atelier(Map.of("ATELIER_DEVICE", "cuda"), "train"));
    assertEquals(4, fetches().size());
    assertFalse(train().output().contains("PYTORCH"), "there is no driver for it");
  }

  @ParameterizedTest
  @CsvSource({"libtorch_cuda.so, '', cu128", "libtorch_cpu.so, '', cpu", "libc10.so, cu121, cu121"})
  void shouldTakeTheLibtorchThatIsNamed(String library, String set, String flavour)
      throws Exception {
    Path named = Files.createDirectory(folder.resolve("my torch"));
    Files.createFile(named.resolve(library));
    Script.Result result =
        atelier(Map.of("PYTORCH_LIBRARY_PATH", "" + named, "PYTORCH_FLAVOR", set), "train");
    assertEquals(0, result.code(), result::output);
    String expected = "<-DPYTORCH_LIBRARY_PATH=%s><-DPYTORCH_FLAVOR=%s>".formatted(named, flavour);
    assertTrue(result.output().contains(expected), result::output);
    assertEquals(List.of(), fetches());
    Script.Result cpu =
        atelier(Map.of("PYTORCH_LIBRARY_PATH", "" + named, "ATELIER_DEVICE", "cpu"), "train");
    assertTrue(cpu.output().contains("so PYTORCH_LIBRARY_PATH is left alone\n"), cpu::output);
    assertTrue(cpu.output().contains("of the environment: none\n"), cpu::output);
    assertFalse(cpu.output().contains("-DPYTORCH"), cpu::output);
  }

  @Test
  void shouldFetchAgainWhatCameDamaged() throws Exception {
    fault("pytorch", "rm fault-pytorch; echo half > \"$local/$path\"; exit");
    Script.Result result = train();
    assertEquals(CudaJars.libraries(), libraries(told(result)));
    assertTrue(
        result.output().contains("what came of org.bytedeco:pytorch:2.7.1-1.5.12:jar"),
        result::output);
    assertEquals(List.of("cuda", "pytorch", "pytorch", "cuda-redist", "openblas"), fetches());
  }

  @Test
  void shouldRefuseAnotherJarThanTheOneItKnows() throws Exception {
    fault("pytorch", "echo other > \"$local/$path\"; exit");
    Script.Result result = train();
    assertEquals(1, result.code(), result::output);
    assertTrue(result.output().contains(" came twice with another SHA-1 than "), result::output);
    assertTrue(result.output().endsWith("or ATELIER_DEVICE=cpu to compute without the GPU\n"));
    assertEquals(List.of("cuda", "pytorch", "pytorch"), fetches());
  }

  @Test
  void shouldGoOnWhereItFailed() throws Exception {
    fault(
        "cuda-redist",
        """
        rm fault-cuda-redist
        echo '[ERROR] Failed to execute goal a:b:get (default-cli) on project atelier: Could not find artifact x -> [Help 1]'
        exit 1
        """);
    Script.Result failed = train();
    assertEquals(1, failed.code(), failed::output);
    assertTrue(
        failed
            .output()
            .endsWith(
                "atelier: org.bytedeco:cuda-redist:12.9-9.10-1.5.12:jar:linux-x86_64 was not fetched:"
                    + " Could not find artifact x; try again, or set PYTORCH_LIBRARY_PATH to another"
                    + " libtorch for CUDA, or ATELIER_DEVICE=cpu to compute without the GPU\n"),
        failed::output);
    Path told = told(train());
    assertEquals(CudaJars.libraries(), libraries(told));
    assertNothingIsLeftBeside(told);
    assertEquals(List.of("cuda", "pytorch", "cuda-redist", "cuda-redist", "openblas"), fetches());
  }

  @Test
  void shouldGoOnWhereItWasKilled() throws Exception {
    fault("openblas", "rm fault-openblas; kill -KILL $PPID; exit 1");
    assertEquals(137, train().code());
    assertEquals(CudaJars.libraries(), libraries(told(train())));
    assertEquals(List.of("cuda", "pytorch", "cuda-redist", "openblas", "openblas"), fetches());
  }

  @ParameterizedTest
  @ValueSource(strings = {"rm libcudnn.so.9", "echo x >> libtorch.so", "rm contents"})
  void shouldMakeADamagedFolderAgain(String damage) throws Exception {
    Path told = told(train());
    Script.run(Map.of(), "bash", "-c", "cd '%s' && %s".formatted(told, damage));
    assertEquals(told, told(train()));
    assertEquals(CudaJars.libraries(), libraries(told));
    assertEquals(8, fetches().size());
  }

  @Test
  void shouldFetchOnceForAllThatStart() throws Exception {
    atelier(Map.of(), "--version");
    fault("cuda", "sleep 1");
    String launcher = checkout.root().resolve("atelier").toString();
    List<Process> launchers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      launchers.add(checkout.start(environment(Map.of()), launcher, "node"));
    }
    int waited = 0;
    for (Process process : launchers) {
      Script.Result result = Script.end(process);
      assertEquals(CudaJars.libraries(), libraries(told(result)));
      waited += result.output().contains("waiting for another process that fetches") ? 1 : 0;
    }
    assertEquals(4, fetches().size());
    assertEquals(2, waited);
  }

  @Test
  void shouldSayThatThereIsNoRoom() throws Exception {
    checkout.tool(
        "df",
        """
        #!/usr/bin/env bash
        echo 'Filesystem 1024-blocks Used Available Capacity Mounted on'
        echo '/dev/x 9999999 1 4000000 99% /'
        """);
    Script.Result result = train();
    assertEquals(2, result.code(), result::output);
    assertTrue(
        result
            .output()
            .contains(
                "atelier: libtorch for CUDA needs 4800 MB for a while in %s, and there are 4000; make"
                        .formatted(cache.resolve("atelier"))
                    + " room, set XDG_CACHE_HOME to a folder elsewhere, or set PYTORCH_LIBRARY_PATH"),
        result::output);
    assertEquals(List.of(), fetches());
  }

  @Test
  void shouldNameWhatANewGpuNeeds() throws Exception {
    checkout.tool(
        "nvidia-smi",
        "#!/usr/bin/env bash\necho 'NVIDIA H200, 9.0'\necho 'NVIDIA GeForce RTX 5090, 12.0'\n");
    Script.Result result = train();
    assertEquals(2, result.code(), result::output);
    assertTrue(
        result
            .output()
            .endsWith(
                "atelier: the GPU NVIDIA GeForce RTX 5090, compute capability 12.0, is too new for the"
                    + " libtorch that we fetch. Run pip install torch==2.8.0 and set PYTORCH_LIBRARY_PATH"
                    + " to its folder torch/lib, or set ATELIER_DEVICE=cpu.\n"),
        result::output);
    assertEquals(List.of(), fetches());
  }

  @Test
  void shouldRefuseAnUnknownDevice() throws Exception {
    Script.Result result = atelier(Map.of("ATELIER_DEVICE", "gpu"), "train");
    assertEquals(2, result.code(), result::output);
    assertTrue(
        result
            .output()
            .endsWith("atelier: ATELIER_DEVICE is \"gpu\", which has to be auto, cpu or cuda.\n"),
        result::output);
  }

  /** Maven itself for one of the jars, by the settings of a user whose repositories are folders. */
  @Test
  @Tag(JDK)
  void shouldFetchByMavenAsItsUserSetItUp() throws Exception {
    Path plugins =
        Path.of(
            System.getProperty(
                "localRepository", System.getProperty("user.home") + "/.m2/repository"));
    assumeTrue(
        Files.exists(plugins.resolve("org/apache/maven/plugins/maven-dependency-plugin")),
        "no Maven plugins are in " + plugins);
    assumeTrue(Script.run(Map.of(), "bash", "-c", "command -v mvn").code() == 0, "no mvn is here");
    Files.move(folder.resolve("tools/mvn"), folder.resolve("tools/copy"));
    checkout.tool(
        "mvn",
        """
        #!/usr/bin/env bash
        [[ $* == *:openblas:* ]] || exec "${0%%/*}/copy" "$@"
        JAVA_HOME='%s' PATH=${PATH#*:} exec mvn "$@"
        """
            .formatted(System.getProperty("java.home")));
    Path home = Files.createDirectories(folder.resolve("home/.m2"));
    Files.writeString(
        home.resolve("settings.xml"),
        """
        <settings><profiles><profile><id>folders</id>
          <repositories><repository><id>central</id><url>file://%s</url></repository></repositories>
          <pluginRepositories><pluginRepository><id>central</id><url>file://%s</url></pluginRepository></pluginRepositories>
        </profile></profiles><activeProfiles><activeProfile>folders</activeProfile></activeProfiles></settings>
        """
            .formatted(checkout.root().resolve("remote"), plugins));
    Script.Result result =
        atelier(Map.of("MAVEN_OPTS", "-Duser.home=" + folder.resolve("home")), "train");
    assertEquals(CudaJars.libraries(), libraries(told(result)), result::output);
    assertEquals(List.of("cuda", "pytorch", "cuda-redist"), fetches());
  }
}
