package io.atelier.tests.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates that are renewed while nodes run. */
class TlsRenewalTest {

  @TempDir private Path folder;

  /** The certificate that a node shows to who connects now; the connection stays open. */
  private static X509Certificate shown(SSLSocket connection) throws IOException {
    connection.startHandshake();
    return (X509Certificate) connection.getSession().getPeerCertificates()[0];
  }

  private static SSLSocket connect(Authority by, Node to)
      throws IOException, GeneralSecurityException {
    return (SSLSocket)
        by.client().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), to.port());
  }

  /** As those do who renew certificates: a file is there whole, or the one of before is. */
  private static void replace(Path file, Path by) throws IOException {
    Path next = Files.copy(by, file.resolveSibling("next"), StandardCopyOption.REPLACE_EXISTING);
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void shouldShowARenewedCertificateToWhoConnectsFromThenOn() throws Exception {
    List<Authority> both = Authority.make(folder.resolve("before"), folder.resolve("after"));
    Authority before = both.get(0);
    Authority after = both.get(1);
    assertNotEquals(before.certificate(), after.certificate());
    Authority own = new Authority(Files.createDirectory(folder.resolve("own")));
    Files.copy(before.nodeStore(), own.nodeStore());
    Files.copy(before.trustStore(), own.trustStore());
    try (LogLines log = new LogLines();
        Node seed = Node.start("cluster-tls", own.settings(own));
        Node other = Node.start("cluster-tls", own.settings(own))) {
      seed.join(seed);
      seed.awaitUp(seed);
      other.join(seed);
      seed.awaitUp(other);
      try (SSLSocket first = connect(before, seed)) {
        assertEquals(before.certificate(), shown(first));

        Files.writeString(own.nodeStore(), "half of a");
        try (SSLSocket second = connect(before, seed)) {
          assertEquals(before.certificate(), shown(second));
        }
        log.await(line -> line.contains("changed and cannot be used"));

        replace(own.trustStore(), after.trustStore());
        replace(own.nodeStore(), after.nodeStore());
        try (SSLSocket third = connect(after, seed)) {
          assertEquals(after.certificate(), shown(third));
        }
        assertEquals(before.certificate(), shown(first), "an open connection stays as it is");
      }
      // who comes now is of the new authority, those that were there have not lost each other
      try (Node late = Node.start("cluster-tls", after.settings(after))) {
        late.join(seed);
        seed.awaitUp(late);
        assertTrue(
            seed.members().containsAll(Set.of(seed.address(), other.address(), late.address())));
      }
    }
  }
}
