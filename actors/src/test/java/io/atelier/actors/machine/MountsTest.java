package io.atelier.actors.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MountsTest {

  private static final List<String> TABLE =
      List.of(
          "/dev/vda / ext4 rw,relatime 0 0",
          "tmpfs /tmp tmpfs rw,nosuid,noexec 0 0",
          "tmpfs /a\\040b tmpfs rw,noexec 0 0",
          "tmpfs /home tmpfs rw,noexec 0 0",
          "/dev/vdb /home ext4 rw,exec 0 0");

  @ParameterizedTest
  @CsvSource({
    "/tmp/x, true",
    "/tmp, true",
    "/tmpx, false",
    "/a b/c, true",
    "/home/me, false",
    "/opt, false"
  })
  void shouldTellWhereNothingRuns(Path folder, boolean noexec) {
    assertEquals(noexec, Mounts.isNoexec(TABLE, folder));
  }
}
