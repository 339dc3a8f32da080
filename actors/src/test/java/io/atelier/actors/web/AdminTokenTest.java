package io.atelier.actors.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.section.EnvironmentException;
import io.atelier.actors.config.section.InvalidConfigException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminTokenTest {

  private static final int PORT = 25_580;

  /** A process that this machine does not have. */
  private static final long DEAD = Long.MAX_VALUE;

  @TempDir Path folder;
  private Map<String, String> environment;

  @BeforeEach
  void here() {
    environment = Map.of("XDG_STATE_HOME", folder.toString());
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private Optional<String> found(String host, int port) {
    return AdminToken.authorization(host, port, environment);
  }

  @Test
  void shouldBeFoundByItsUserAloneAsLongAsTheNodeLives() throws IOException {
    AdminToken token = AdminToken.open(loopback(PORT), environment);
    Path file = files().get(0);
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals(
        "rwx------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())));
    String sent = found("localhost", PORT).orElseThrow();
    assertTrue(token.isIn(sent));
    assertEquals(sent, AdminToken.authorization(file));
    assertFalse(token.isIn(null));
    assertFalse(token.isIn(sent.substring("Bearer ".length())));
    assertFalse(token.isIn(sent.substring(0, sent.length() - 1)));
    assertEquals(Optional.empty(), found("127.0.0.1", PORT + 1));
    assertTrue(token.hint().contains(file.toString()), token::hint);
    token.close();
    assertEquals(List.of(), files());
  }

  @Test
  void shouldNotBeSentToAnotherMachine() throws IOException {
    AdminToken.open(new InetSocketAddress(PORT), environment);
    assertTrue(found("127.0.0.1", PORT).isPresent());
    assertEquals(Optional.empty(), found("192.0.2.1", PORT));
  }

  @Test
  void shouldReplaceWhatAnybodyCouldReadAndSweepWhatTheDeadLeft() throws IOException {
    AdminToken.open(loopback(PORT), environment).close();
    AdminToken first = AdminToken.open(loopback(PORT + 1), environment);
    Path file = files().get(0);
    Files.writeString(file, "0".repeat(32) + "\n" + DEAD + "\n");
    AdminToken second = AdminToken.open(loopback(PORT + 2), environment);
    assertEquals(1, files().size(), () -> file + " of a dead process is left");
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
    AdminToken third = AdminToken.open(loopback(PORT + 1), environment);
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    first.close();
    assertTrue(Files.exists(file), "a node deleted the token of another");
    second.close();
    third.close();
    assertEquals(List.of(), files());
  }

  @Test
  void shouldCloseAFolderThatIsOpenToAll() throws IOException {
    Path tokens = Files.createDirectories(folder.resolve("atelier/admin"));
    Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rwxrwxrwx"));
    AdminToken.open(loopback(PORT), environment).close();
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(tokens)));
  }

  @Test
  void shouldNotIgnoreARelativeFolder() {
    EnvironmentException e =
        assertThrows(
            EnvironmentException.class,
            () -> AdminToken.open(loopback(PORT), Map.of("XDG_STATE_HOME", "state")));
    assertEquals(
        "XDG_STATE_HOME is state, must be an absolute path; set it to one, or unset it",
        e.getMessage());
  }

  @Test
  void shouldTakeOneThatIsGivenAndTellOfWhatIsNone() {
    String agreed = "0123456789abcdef";
    Map<String, String> given =
        Map.of("XDG_STATE_HOME", folder.toString(), AdminToken.VARIABLE, agreed);
    AdminToken token = AdminToken.open(loopback(PORT), given);
    assertTrue(token.isIn("Bearer " + agreed));
    assertEquals("Bearer " + agreed, found("127.0.0.1", PORT).orElseThrow());
    // to wherever the user says
    assertEquals(
        Optional.of("Bearer " + agreed), AdminToken.authorization("192.0.2.1", PORT, given));
    for (String wrong : List.of("short", "with a blank in it", "line\nline\nline\nline")) {
      Map<String, String> bad =
          Map.of("XDG_STATE_HOME", folder.toString(), AdminToken.VARIABLE, wrong);
      InvalidConfigException e =
          assertThrows(
              InvalidConfigException.class, () -> AdminToken.open(loopback(PORT + 1), bad));
      assertTrue(e.getMessage().contains("ATELIER_ADMIN_TOKEN must be 16"), e::getMessage);
      assertFalse(e.getMessage().contains(wrong), e::getMessage);
    }
  }

  @Test
  void shouldRunWhereNoFileCanBeWritten() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    AdminToken token = AdminToken.open(loopback(PORT), Map.of("XDG_STATE_HOME", file.toString()));
    assertTrue(token.hint().contains("could not be written to " + file), token::hint);
    assertFalse(token.isIn("Bearer "));
    token.close();
  }

  @Test
  void shouldSayWhatATokenFileIs() throws IOException {
    for (String text : List.of("", "short\n", "with blanks in its first line\n")) {
      Path file = Files.writeString(folder.resolve("token"), text);
      InvalidConfigException e =
          assertThrows(InvalidConfigException.class, () -> AdminToken.authorization(file));
      assertTrue(e.getMessage().contains("--token-file " + file), e::getMessage);
    }
  }
}
