package io.atelier.tests.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
        .formatted(
            folder.resolve("node.p12"), PASSWORD, trusted.folder.resolve("trust.p12"), PASSWORD);
  }
}
