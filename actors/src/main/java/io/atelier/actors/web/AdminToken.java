package io.atelier.actors.web;

import io.atelier.actors.config.cluster.StateFolder;
import io.atelier.actors.config.section.InvalidConfigException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The token of a node's admin port: without it the node takes no commands. The node makes it, or
 * takes it from {@value #VARIABLE}, and writes it to a file below the home folder of its user,
 * where commands of that user find it. The name of the file includes the machine, since many
 * machines may share a home.
 */
public final class AdminToken implements AutoCloseable {

  /** Environment variable of nodes and commands that holds the token. */
  public static final String VARIABLE = "ATELIER_ADMIN_TOKEN";

  /** Prefix of the token in the header {@code Authorization}. */
  private static final String SCHEME = "Bearer ";

  private static final Logger LOG = LoggerFactory.getLogger(AdminToken.class);
  private static final Pattern GIVEN = Pattern.compile("[!-~]{16,200}");

  /** File name: machine, address and port; the second line of such a file is the process id. */
  private static final Pattern NAME = Pattern.compile("(.+)_([0-9a-fA-F.:%]+)_([0-9]{1,5})");

  private static final Set<PosixFilePermission> OWN = PosixFilePermissions.fromString("rwx------");

  private final AccessToken token;
  private final Path file;
  private final boolean written;

  private AdminToken(AccessToken token, Path file, boolean written) {
    this.token = token;
    this.file = file;
    this.written = written;
  }

  /**
   * Opens the token of a node that listens. If the file cannot be written the node logs it; the
   * token is then known only to whoever set the variable.
   *
   * @param at address at which it listens
   * @throws InvalidConfigException if the variable is not a valid token
   */
  public static AdminToken open(InetSocketAddress at, Map<String, String> environment) {
    AccessToken token = given(environment).orElseGet(AccessToken::fresh);
    Path folder = folder(environment);
    Path file = folder.resolve(name(at.getAddress(), at.getPort()));
    try {
      Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWN));
      Files.setPosixFilePermissions(folder, OWN); // fails for the folder of another user
      sweep(folder);
      token.write(file, Long.toString(ProcessHandle.current().pid()));
      return new AdminToken(token, file, true);
    } catch (IOException e) {
      LOG.warn(
          "the token for commands cannot be written to {} ({}): set {} for this node and for commands",
          file,
          e.toString(),
          VARIABLE);
      return new AdminToken(token, file, false);
    }
  }

  private static Optional<AccessToken> given(Map<String, String> environment) {
    String text = environment.getOrDefault(VARIABLE, "");
    if (!text.isEmpty() && !GIVEN.matcher(text).matches()) {
      throw new InvalidConfigException(
          "%s must be 16 to 200 printable ASCII characters without blanks; unset it, or take the output of: openssl rand -hex 16"
              .formatted(VARIABLE));
    }
    return text.isEmpty() ? Optional.empty() : Optional.of(AccessToken.of(text));
  }

  /**
   * Returns what a command sends to a node in the header {@code Authorization}; empty if there is
   * no token. A file is looked for only if the node is on this machine.
   *
   * @param host of the node, as the user gave it
   */
  public static Optional<String> authorization(
      String host, int port, Map<String, String> environment) {
    return given(environment)
        .map(AccessToken::text)
        .or(() -> find(host, port, folder(environment)))
        .map(SCHEME::concat);
  }

  /** Returns what a command sends that was given a file, whose first line is the token. */
  public static String authorization(Path file) {
    try {
      return SCHEME + first(file);
    } catch (IOException e) {
      throw new InvalidConfigException(
          "--token-file %s cannot be read as the token of a node (%s); name a copy of the file that the node names when it refuses a command"
              .formatted(file, e),
          e);
    }
  }

  private static String first(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    if (lines.isEmpty() || !GIVEN.matcher(lines.get(0)).matches()) {
      throw new IOException("its first line is not a token");
    }
    return lines.get(0);
  }

  private static Optional<String> find(String host, int port, Path folder) {
    try {
      InetAddress address = InetAddress.getByName(host);
      if (!address.isAnyLocalAddress() && NetworkInterface.getByInetAddress(address) == null) {
        return Optional.empty();
      }
      for (String at : List.of(address.getHostAddress(), "0.0.0.0", "0:0:0:0:0:0:0:0")) {
        Path file = folder.resolve(name(at, port));
        if (Files.isReadable(file)) {
          return Optional.of(first(file));
        }
      }
    } catch (IOException e) {
      LOG.debug("no token for {}:{}", host, port, e);
    }
    return Optional.empty();
  }

  private static Path folder(Map<String, String> environment) {
    return StateFolder.of("admin", environment);
  }

  private static String name(InetAddress address, int port) {
    return name(address.getHostAddress(), port);
  }

  private static String name(String address, int port) {
    return "%s_%s_%d".formatted(StateFolder.machine(), address, port);
  }

  /** Deletes the files of killed nodes of this machine. */
  private static void sweep(Path folder) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        if (name.matches() && name.group(1).equals(StateFolder.machine()) && isLeft(file)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static boolean isLeft(Path file) {
    try {
      List<String> lines = Files.readAllLines(file);
      return lines.size() == 2 && ProcessHandle.of(Long.parseLong(lines.get(1))).isEmpty();
    } catch (IOException | NumberFormatException e) {
      return false; // another user's, or being written
    }
  }

  /** Whether a command with this header is authorized; null is no header. */
  public boolean isIn(String authorization) {
    return authorization != null
        && authorization.startsWith(SCHEME)
        && token.matches(authorization.substring(SCHEME.length()));
  }

  /** Returns where the token is, for a command that was refused. */
  public String hint() {
    return written
        ? "commands need the token of this node, which is in %s of its user there: ./atelier of that user finds it; elsewhere give --token-file with a copy, or set %s"
            .formatted(file, VARIABLE)
        : "commands need the token of this node, which could not be written to %s: set %s to what the node was started with"
            .formatted(file, VARIABLE);
  }

  /** Deletes the file, unless another node has rewritten it. */
  @Override
  public void close() {
    try {
      if (written && Files.exists(file) && token.matches(first(file))) {
        Files.delete(file);
      }
    } catch (IOException e) {
      LOG.debug("{} is left", file, e);
    }
  }
}
