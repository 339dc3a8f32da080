package io.atelier.actors.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.doctor.Finding.Grade;
import io.atelier.actors.port.Clock;
import io.atelier.actors.transport.HostPort;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two machines that are one: sockets of loopback, and facts as they might be. */
@Timeout(60)
class PeerCheckTest {

  private static final int ASKED = 2_097_152;
  private static final MachineFacts WELL =
      new MachineFacts("1.2.0", "a".repeat(64), 9, ASKED, ASKED, ASKED, "1024 MiB free", true);
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private static PeerListener listener(MachineFacts facts, Clock clock) throws IOException {
    return new PeerListener(new InetSocketAddress(LOOPBACK, 0), 0, facts, clock);
  }

  private static Map<String, Finding> check(int port) {
    List<Finding> findings =
        new PeerCheck(new HostPort("127.0.0.1", port), WELL, Clock.system()).run();
    Map<String, Finding> byName = new TreeMap<>();
    findings.forEach(finding -> byName.put(finding.name(), finding));
    assertEquals(findings.size(), byName.size(), findings::toString);
    return byName;
  }

  private static Map<String, Finding> check(MachineFacts there, Clock clock) throws IOException {
    try (PeerListener listener = listener(there, clock)) {
      return check(listener.tcpPort());
    }
  }

  /** As the machine has it, but with a clock that is so many milliseconds ahead. */
  private static Clock ahead(long millis) {
    Clock clock = Clock.system();
    return new Clock() {
      @Override
      public long nanos() {
        return clock.nanos() + millis * 1_000_000;
      }

      @Override
      public long epochMillis() {
        return clock.epochMillis() + millis;
      }
    };
  }

  private static void assertAll(Grade grade, Map<String, Finding> findings, String... but) {
    findings.values().stream()
        .filter(finding -> !List.of(but).contains(finding.name()))
        .forEach(finding -> assertEquals(grade, finding.grade(), finding::line));
  }

  @Test
  void shouldFindNothingBetweenTwoThatFit() throws IOException {
    Map<String, Finding> findings = check(WELL, Clock.system());
    assertAll(Grade.OK, findings);
    assertEquals(
        "[TCP, UDP, clock, datagrams, memory here, memory there, messages, program, sockets here,"
            + " sockets there]",
        findings.keySet().toString());
    assertTrue(findings.get("UDP").text().contains("20 of 20"), findings.get("UDP")::line);
    assertTrue(findings.get("datagrams").text().startsWith("of 65504 bytes arrive"));
    assertEquals(
        "ok    program          1.2.0 build aaaaaaaa on both", findings.get("program").line());
  }

  @Test
  void shouldNoticeAnotherProgram() throws IOException {
    MachineFacts other =
        new MachineFacts("1.1.0", "b".repeat(64), 8, ASKED, ASKED, ASKED, "1024 MiB free", true);
    Map<String, Finding> findings = check(other, Clock.system());
    assertAll(Grade.OK, findings, "program", "messages");
    assertEquals(
        "FAIL  program          1.2.0 build aaaaaaaa here, 1.1.0 build bbbbbbbb on 127.0.0.1: a run"
            + " is one program; install the same, from one archive or one revision",
        findings.get("program").line());
    assertFalse(findings.get("messages").works());
    assertTrue(findings.get("messages").text().contains("9 here, 8 on 127.0.0.1"));
  }

  @Test
  void shouldNoticeAnotherBuildOfOneVersion() throws IOException {
    MachineFacts other =
        new MachineFacts("1.2.0", "c".repeat(64), 9, ASKED, ASKED, ASKED, "1024 MiB free", true);
    Map<String, Finding> findings = check(other, Clock.system());
    assertAll(Grade.OK, findings, "program");
    assertFalse(findings.get("program").works());
  }

  /** Bytes to receive and to send, and what that is. */
  @ParameterizedTest
  @CsvSource({"425984, 2097152, WARN", "2097152, 212992, WARN", "65536, 2097152, FAIL"})
  void shouldLookAtBuffersOfSockets(int receive, int send, Grade grade) throws IOException {
    MachineFacts other =
        new MachineFacts("1.2.0", "a".repeat(64), 9, ASKED, receive, send, "1024 MiB free", true);
    Map<String, Finding> findings = check(other, Clock.system());
    assertAll(Grade.OK, findings, "sockets there");
    assertEquals(grade, findings.get("sockets there").grade());
    assertTrue(
        findings.get("sockets there").text().contains("sysctl -w net.core.rmem_max=2097152"),
        findings.get("sockets there")::line);
  }

  @Test
  void shouldPassOnWhyThereIsNoMemory() throws IOException {
    MachineFacts other =
        new MachineFacts("1.2.0", "a".repeat(64), 9, ASKED, ASKED, ASKED, "has 3 MiB free", false);
    Map<String, Finding> findings = check(other, Clock.system());
    assertAll(Grade.OK, findings, "memory there");
    assertEquals(
        "FAIL  memory there     has 3 MiB free, on 127.0.0.1", findings.get("memory there").line());
  }

  @ParameterizedTest
  @CsvSource({"7000, WARN, ahead", "-7000, WARN, behind", "0, OK, ahead|behind"})
  void shouldCompareClocks(long millis, Grade grade, String way) throws IOException {
    Map<String, Finding> findings = check(WELL, ahead(millis));
    assertAll(Grade.OK, findings, "clock");
    Finding clock = findings.get("clock");
    assertEquals(grade, clock.grade(), clock::line);
    String apart = millis == 0 ? "[0-9.]+" : "(6999|7000)\\.[0-9]";
    assertTrue(
        clock.text().matches("127.0.0.1 is %s ms (%s), within .*".formatted(apart, way)),
        clock::line);
  }

  /** A firewall that lets TCP through alone. */
  @Test
  void shouldNoticeThatDatagramsAreLost() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(new InetSocketAddress(LOOPBACK, 0));
        ServerSocket tcp = new ServerSocket(0, 1, LOOPBACK)) {
      Greeting greeting = new Greeting(1, silent.getLocalPort(), 5, WELL);
      Thread answering = new Thread(() -> answer(tcp, MachineFacts.json(greeting)));
      answering.start();
      Map<String, Finding> findings = check(tcp.getLocalPort());
      answering.join();
      assertAll(Grade.OK, findings, "UDP");
      assertEquals(
          "FAIL  UDP              127.0.0.1:%1$d sends nothing back: open UDP port %1$d in both"
                  .formatted(silent.getLocalPort())
              + " directions between all nodes, and set transport.port to a port that is open",
          findings.get("UDP").line());
      assertFalse(findings.containsKey("datagrams"));
    }
  }

  /** Greets, and tells the time as often as it is asked. */
  private static void answer(ServerSocket tcp, String greeting) {
    try (Socket asker = tcp.accept();
        PrintWriter out =
            new PrintWriter(asker.getOutputStream(), true, StandardCharsets.US_ASCII)) {
      out.println(greeting);
      var in = asker.getInputStream();
      int lines = 0;
      for (int next = in.read(); next >= 0; next = in.read()) {
        if (next == '\n' && ++lines > 1) {
          out.println(Clock.system().nanos());
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldSayWhatToStartWhereNobodyListens() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, LOOPBACK)) {
      port = socket.getLocalPort();
    }
    Map<String, Finding> findings = check(port);
    assertEquals(1, findings.size());
    Finding tcp = findings.get("TCP");
    assertFalse(tcp.works());
    assertTrue(tcp.text().contains("start ./atelier doctor --listen " + port), tcp::line);
  }

  /** A node of a run, or a web server. */
  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1 400 Bad Request", "{}", "{\"facts\": 7}", "null"})
  void shouldTellADoctorFromOthers(String says) throws Exception {
    try (ServerSocket tcp = new ServerSocket(0, 1, LOOPBACK)) {
      Thread answering = new Thread(() -> answer(tcp, says));
      answering.start();
      Map<String, Finding> findings = check(tcp.getLocalPort());
      answering.join();
      assertEquals(2, findings.size(), findings::toString);
      assertTrue(findings.get("TCP").works());
      assertFalse(findings.get("peer").works());
      assertTrue(findings.get("peer").text().contains("is no ./atelier doctor --listen"));
    }
  }

  /**
   * Whoever does not know the token gets nothing, so that nobody is sent what he did not ask for.
   */
  @Test
  void shouldAnswerNoDatagramsOfStrangers() throws Exception {
    try (PeerListener listener = listener(WELL, Clock.system())) {
      InetSocketAddress udp = new InetSocketAddress(LOOPBACK, listener.udpPort());
      List<Finding> findings = new DatagramCheck(udp, 1, Clock.system()).run();
      assertEquals(1, findings.size());
      assertFalse(findings.get(0).works());
      assertTrue(check(listener.tcpPort()).get("UDP").works());
    }
  }

  @Test
  void shouldLetThoseGoThatSayNothingOfUs() throws Exception {
    try (PeerListener listener = listener(WELL, Clock.system());
        Socket stranger = new Socket(LOOPBACK, listener.tcpPort())) {
      stranger.getOutputStream().write("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
      assertEquals(-1, stranger.getInputStream().read());
    }
  }
}
