package io.atelier.tests.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** A certificate authority made by the script, and the key of a node that it signed. */
record Authority(Path folder) {

  private static final String PASSWORD = "for-this-test";

  /** Makes one in each folder, all at the same time. */
  static List<Authority> make(Path... folders) throws IOException, InterruptedException {
    Path script =
        Path.of(System.getProperty("atelier.root", "..")).resolve("cluster-conf/bin/make-test-ca");
    List<Process> processes = new ArrayList<>();
    for (Path folder : folders) {
      ProcessBuilder builder = new ProcessBuilder(script.toString(), folder.toString());
      builder.environment().put("ATELIER_TLS_PASSWORD", PASSWORD);
      builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
      processes.add(builder.redirectErrorStream(true).start());
    }
    for (Process process : processes) {
      String output = process.inputReader().lines().collect(Collectors.joining("\n"));
      assertEquals(0, process.waitFor(), output);
    }
    return Stream.of(folders).map(Authority::new).toList();
  }

  /** Settings of a node that shows the key of this authority and trusts another one. */
  String settings(Authority trusted) {
    return """
        atelier.tls {
          key-store = "%s"
          key-store-password = %s
          trust-store = "%s"
          trust-store-password = %s
        }
        """
        .formatted(nodeStore(), PASSWORD, trusted.trustStore(), PASSWORD);
  }

  Path nodeStore() {
    return folder.resolve("node.p12");
  }

  Path trustStore() {
    return folder.resolve("trust.p12");
  }

  /** The certificate of the node. */
  X509Certificate certificate() throws IOException, GeneralSecurityException {
    return (X509Certificate) store(nodeStore()).getCertificate("node");
  }

  /** What a node of this authority connects with; it takes whoever answers. */
  SSLContext client() throws IOException, GeneralSecurityException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store(nodeStore()), PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(keys.getKeyManagers(), new TrustManager[] {new Anybody()}, new SecureRandom());
    return context;
  }

  private static KeyStore store(Path file) throws IOException, GeneralSecurityException {
    return KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
  }

  private static final class Anybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
