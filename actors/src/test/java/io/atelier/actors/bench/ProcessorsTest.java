package io.atelier.actors.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ProcessorsTest {

  @Test
  void shouldHalveWhatIsAllowed() {
    assertEquals(new Processors("0", "1"), Processors.halvesOf("0-1"));
    assertEquals(new Processors("0,1,2", "3,6,7,8"), Processors.halvesOf("0-3,6,7-8"));
  }

  @Test
  void shouldSayThatOneIsNotEnough() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Processors.halvesOf("3")).getMessage();
    assertTrue(message.contains("two processors") && message.endsWith("number 3"), message);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void shouldRunAReceiverOnItsHalf() throws IOException {
    assumeTrue(Runtime.getRuntime().availableProcessors() > 1);
    Processors halves = Processors.halves();
    Process process =
        new ProcessBuilder(halves.pinReceiver(List.of("cat", "/proc/self/status"))).start();
    String status = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String allowed = status.replaceAll("(?s).*Cpus_allowed_list:\\s*([-0-9,]+).*", "$1");
    assertTrue(!allowed.equals(status) && !allowed.isEmpty(), status);
    if (halves.receivers().indexOf(',') < 0) {
      assertEquals(halves.receivers(), allowed);
    } else {
      assertEquals(
          halves.receivers(),
          Processors.halvesOf(allowed).sender() + "," + Processors.halvesOf(allowed).receivers());
    }
  }
}
