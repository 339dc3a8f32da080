package io.atelier.tests.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.transport.RunKey;
import io.atelier.actors.transport.TransportConfig;
import io.atelier.actors.transport.plane.DataPlane;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransportConfigTest {
  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;

  private static TransportConfig of(String multicast, int mtu, int term, int window, int socket) {
    return new TransportConfig(
        "127.0.0.1",
        "",
        0,
        "",
        multicast,
        mtu,
        term,
        window,
        socket,
        MIB,
        MIB,
        true,
        Duration.ofSeconds(1),
        RunKey.fresh());
  }

  private static String refusal(int mtu, int term, int window, int socket) {
    return assertThrows(IllegalArgumentException.class, () -> of("", mtu, term, window, socket))
        .getMessage();
  }

  @Test
  void shouldNameBothValuesOfARelationThatDoesNotHold() {
    assertEquals(
        "term-bytes is 65536, must be at least 8 times mtu-bytes, which is 16384",
        refusal(16 * KIB, 64 * KIB, 32 * KIB, 32 * KIB));
    assertEquals(
        "window-bytes is 1, must be at least mtu-bytes, which is 4096",
        refusal(4 * KIB, MIB, 1, 128 * KIB));
    assertEquals(
        "window-bytes is 1048576, must be at most half of term-bytes, which is 1048576",
        refusal(4 * KIB, MIB, MIB, MIB));
    assertEquals(
        "socket-bytes is 65536, must be at least window-bytes, which is 131072",
        refusal(4 * KIB, MIB, 128 * KIB, 64 * KIB));
  }

  /** Fragments are what firewalls like least; smaller than allowed is no error of the user's. */
  @ParameterizedTest
  @CsvSource({
    "1280, 10.0.0.1, 1408",
    "1420, 10.0.0.1, 1408", // WireGuard
    "1500, 10.0.0.1, 1472",
    "1500, fd00::1, 1440",
    "9000, 10.0.0.1, 8960",
    "65536, 127.0.0.1, 65504",
    "65536, ::1, 65472",
  })
  void shouldSendTheLargestDatagramThatAnInterfaceSendsInOnePiece(
      int interfaceMtu, String address, int bytes) throws UnknownHostException {
    assertEquals(bytes, TransportConfig.datagram(interfaceMtu, InetAddress.getByName(address)));
  }

  @Test
  void shouldRefuseWhatAeronCannotUse() {
    assertTrue(refusal(1_500, MIB, 128 * KIB, 128 * KIB).startsWith("mtu-bytes is 1500, must be"));
    assertTrue(refusal(4 * KIB, 3 * MIB, 8 * KIB, 8 * KIB).startsWith("term-bytes is 3145728,"));
  }

  private static TransportConfig multicast(String group) {
    return of(group, 4 * KIB, MIB, 8 * KIB, 8 * KIB);
  }

  @ParameterizedTest
  @ValueSource(strings = {"239.192.7.1:40123", "[ff05::7]:40123"})
  void shouldTakeAMulticastGroup(String group) {
    assertEquals(group, multicast(group).multicast());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "239.192.7.2:40123",
        "10.0.0.1:40123",
        "239.192.7.1",
        "239.192.7.1:65536",
        "a.b:1"
      })
  void shouldRefuseWhatIsNoMulticastGroup(String group) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> multicast(group)).getMessage();
    assertTrue(message.startsWith("multicast is " + group + ", must be"), message);
  }

  @Test
  void shouldNotShowItsKey() {
    RunKey key = new RunKey(123_456_789, 123_456_789, 123_456_789, 123_456_789);
    assertFalse(TransportConfig.loopback().withKey(key).toString().contains("123456789"));
    assertFalse(key.toString().contains("123456789"));
  }

  @Test
  void shouldSayWhichPortIsTaken() {
    try (DataPlane first = DataPlane.start(Planes.config())) {
      int port = Integer.parseInt(first.node().split("[:/]")[1]);
      IllegalStateException taken =
          assertThrows(IllegalStateException.class, () -> DataPlane.start(Planes.at(port)));
      assertTrue(taken.getMessage().contains("127.0.0.1:" + port), taken::getMessage);
    }
  }
}
