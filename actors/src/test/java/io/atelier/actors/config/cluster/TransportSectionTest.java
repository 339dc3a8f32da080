package io.atelier.actors.config.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransportSectionTest {

  @ParameterizedTest
  @CsvSource({
    "1280, 1408", // the least of IPv6
    "1420, 1408", // WireGuard
    "1450, 1408", // VXLAN
    "1500, 1472",
    "9000, 8960",
    "65536, 65504",
  })
  void shouldSendTheLargestWholeDatagramThatIsAllowed(int interfaceMtu, int bytes) {
    assertEquals(bytes, TransportSection.datagram(interfaceMtu));
  }
}
