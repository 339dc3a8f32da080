package io.atelier.tests.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script that watches over a cluster on one machine; its nodes are scripts, too. */
@Timeout(60)
class LocalClusterTest {

  /** Between the control port of a node and where it answers HTTP. */
  private static final int ADMIN = 60;

  /** Names the node after its role and port; writes down its start. */
  private static final String NODE =
      """
      if [[ $1 != node ]]; then exit 0; fi
      [[ -n ${ATELIER_NO_BUILD:-} ]] || { echo "$1 may build"; exit 2; }
      role=$3
      folder=$(dirname "$0")
      for pair in "$@"; do
        [[ $pair != cluster.port=* ]] || port=${pair#cluster.port=}
      done
      echo "$@" >> "$folder/$role"
      echo "$ATELIER_ADMIN_TOKEN" > "$folder/token"
      echo "$port ${CUDA_VISIBLE_DEVICES-unset}" >> "$folder/devices"
      wait_for() { until [[ -e $folder/$1 ]]; do sleep .05; done; }
      """;

  @TempDir Path folder;

  /** In place of the HTTP port of the first node, a learner. */
  private HttpServer admin;

  private volatile String shown;

  private final Queue<String> asked = new ConcurrentLinkedQueue<>();
  private int base;

  @BeforeEach
  void listen() throws IOException {
    admin = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
    base = admin.getAddress().getPort() - ADMIN;
    admin.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
          shown = exchange.getRequestHeaders().getFirst("Authorization");
          byte[] answer = "taken for dead\n".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    admin.start();
  }

  @AfterEach
  void stop() {
    admin.stop(0);
  }

  private Process start(String body, String... arguments) throws IOException {
    return start(Map.of(), body, arguments);
  }

  private Process start(Map<String, String> changes, String body, String... arguments)
      throws IOException {
    Path stub = Script.stub(folder, NODE + body);
    String[] command = new String[arguments.length + 4];
    command[0] = Launchers.file("bin/local-cluster").toString();
    command[1] = "--base-port";
    command[2] = Integer.toString(base);
    command[3] = "run.dir=" + folder;
    System.arraycopy(arguments, 0, command, 4, arguments.length);
    Map<String, String> environment = new HashMap<>(Map.of("ATELIER", stub.toString()));
    environment.putAll(changes);
    return Script.start(environment, command);
  }

  private List<String> starts(String role) throws IOException {
    return Files.readAllLines(folder.resolve(role));
  }

  @Test
  void shouldTellTheOthersOfADeathAndStartTheNodeAgain() throws Exception {
    Process process =
        start(
            """
            case $role in
              rollout)
                if (( $(wc -l < "$folder/rollout") == 1 )); then kill -KILL $$; fi
                touch "$folder/again"; wait_for over ;;
              learner) wait_for again; touch "$folder/over" ;;
              *) wait_for over ;;
            esac
            """,
            "--rollouts",
            "1",
            "run.steps=7");
    Script.Result result = Script.end(process);
    assertEquals(0, result.code(), result::output);
    assertEquals(2, starts("rollout").size(), result::output);
    assertEquals(List.of("POST /down?node=127.0.0.1:" + (base + 1)), List.copyOf(asked));
    assertTrue(shown.matches("Bearer [0-9a-f]{32}"), shown);
    String given = Files.readString(folder.resolve("token"));
    assertEquals(shown, "Bearer " + given.strip());
    assertTrue(result.output().contains("learner-0: taken for dead"), result::output);
    String arguments = starts("rollout").get(0);
    for (String part :
        List.of(
            "node --role rollout run.dir=" + folder + " run.steps=7 ",
            "cluster.seeds=[\"127.0.0.1:%d\", \"127.0.0.1:%d\"".formatted(base, base + 1),
            "cluster.port=%d cluster.admin-port=%d".formatted(base + 1, base + 1 + ADMIN))) {
      assertTrue(arguments.contains(part), arguments);
    }
  }

  /** All nodes wait until they are stopped, but for that of a reward worker. */
  private Script.Result rewardNodes(String end, String... arguments) throws Exception {
    return Script.end(
        start(
            """
            [[ $role != reward ]] || %s
            trap 'exit 130' TERM
            wait_for never
            """
                .formatted(end),
            arguments));
  }

  @Test
  void shouldGiveUpOnANodeThatIsKilledAgainAndAgain() throws Exception {
    Script.Result result = rewardNodes("kill -KILL $$", "--restarts", "5", "--failures", "1");
    assertEquals(1, result.code(), result::output);
    assertEquals(6, starts("reward").size(), result::output);
    assertTrue(result.output().contains("was killed 6 times"), result::output);
  }

  @Test
  void shouldSoonGiveUpOnANodeThatFailsByItself() throws Exception {
    Script.Result result = rewardNodes("exit 1");
    assertEquals(1, result.code(), result::output);
    assertEquals(4, starts("reward").size(), result::output);
    assertTrue(result.output().contains("failed 4 times by itself"), result::output);
  }

  @Test
  void shouldGiveUpAtOnceWhenTheConfigurationIsWrong() throws Exception {
    Script.Result result = rewardNodes("exit 2");
    assertEquals(2, result.code(), result::output);
    assertEquals(1, starts("reward").size(), result::output);
    assertTrue(result.output().contains("was started in a wrong way"), result::output);
  }

  @Test
  void shouldEndWithTheExitCodeOfALearner() throws Exception {
    Process process = start("[[ $role == learner ]] && exit 2; trap 'exit 130' TERM; wait_for x");
    Script.Result result = Script.end(process);
    assertEquals(2, result.code(), result::output);
    assertEquals(1, starts("learner").size(), "a wrong configuration stays wrong");
  }

  @Test
  void shouldStopLearnersFirstWhenItIsInterrupted() throws Exception {
    Process process =
        start(
            """
            trap 'echo "$role leaves"; exit 130' TERM
            echo ready
            wait_for never
            """);
    StringBuilder output = new StringBuilder();
    var reader = process.inputReader(StandardCharsets.UTF_8);
    for (int ready = 0; ready < 4; ) {
      String line = reader.readLine();
      output.append(line).append('\n');
      ready += line.endsWith("ready") ? 1 : 0;
    }
    process.toHandle().destroy(); // SIGTERM; and its output stays open
    reader.lines().forEach(line -> output.append(line).append('\n'));
    assertEquals(130, process.waitFor(), output::toString);
    assertTrue(
        output.indexOf("learner leaves") >= 0
            && output.indexOf("learner leaves") < output.indexOf("rollout leaves"),
        output::toString);
  }

  /** What nodes may see, by their ports: two learners, three that draw, one that scores. */
  @ParameterizedTest
  @CsvSource({
    "'0,1',    '',   '',  '0 1 0 1 0 none'",
    "'3, GPU-a', '', '1', '3 GPU-a 3 GPU-a 3 GPU-a'",
    "0,        '',   '',  '0 0 0 0 0 none'",
    "-1,       '',   '',  '-1 -1 -1 -1 -1 -1'",
    "'0,1',    cpu,  '',  '0,1 0,1 0,1 0,1 0,1 0,1'"
  })
  void shouldGiveEachNodeAGpu(String gpus, String device, String reward, String expected)
      throws Exception {
    Script.Result result =
        Script.end(
            start(
                Map.of(
                    "CUDA_VISIBLE_DEVICES", gpus,
                    "ATELIER_DEVICE", device,
                    "ATELIER_REWARD_GPU", reward),
                """
                while (( $(wc -l < "$folder/devices") < 6 )); do sleep .05; done
                """,
                "--learners",
                "2",
                "--rollouts",
                "3"));
    assertEquals(0, result.code(), result::output);
    String[] seen = expected.split(" ");
    List<String> lines = new ArrayList<>();
    for (int node = 0; node < seen.length; node++) {
      lines.add((base + node + " " + seen[node]).replace(" none", " "));
    }
    assertEquals(lines, Files.readAllLines(folder.resolve("devices")).stream().sorted().toList());
    if (expected.equals("0 1 0 1 0 none")) {
      for (String line :
          List.of(
              "[cluster] GPU 0: learner-0, rollout-0, rollout-2\n",
              "[cluster] GPU 1: learner-1, rollout-1\n",
              "[cluster] the CPU: reward-0\n")) {
        assertTrue(result.output().contains(line), result::output);
      }
    }
  }

  @Test
  void shouldLeaveNodesAloneWhereThereIsNoGpu() throws Exception {
    assumeFalse(Files.exists(Path.of("/dev/nvidia0")), "there is a GPU");
    Process process = start("[[ $role != learner ]] || exit 0; trap 'exit 130' TERM; wait_for x");
    Script.Result result = Script.end(process);
    assertEquals(0, result.code(), result::output);
    String own = System.getenv().getOrDefault("CUDA_VISIBLE_DEVICES", "unset");
    for (String line : Files.readAllLines(folder.resolve("devices"))) {
      assertTrue(line.endsWith(" " + own), line);
    }
    assertFalse(result.output().contains("GPU"), result::output);
  }

  @Test
  void shouldSayHowItIsUsed() throws Exception {
    String script = Launchers.file("bin/local-cluster").toString();
    Script.Result help = Script.run(Map.of(), script, "--help");
    assertEquals(0, help.code());
    assertTrue(help.output().contains("--base-port P"), help::output);
    Script.Result bare = Script.run(Map.of(), script);
    assertEquals(2, bare.code());
    assertTrue(bare.output().contains("Add run.dir=DIR"), bare::output);
    Script.Result none = Script.run(Map.of(), script, "--rollouts", "0", "run.dir=x");
    assertEquals(2, none.code());
    assertTrue(none.output().contains("--rollouts 0"), none::output);
  }
}
