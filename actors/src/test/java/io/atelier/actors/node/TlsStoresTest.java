package io.atelier.actors.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.section.EnvironmentException;
import io.atelier.actors.config.section.InvalidConfigException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsStoresTest {

  @TempDir Path folder;
  private final Map<String, String> environment = new HashMap<>();

  /** Stores with nothing in them. */
  @BeforeEach
  void makeStores() throws Exception {
    for (String name : new String[] {"KEY_STORE", "TRUST_STORE"}) {
      Path file = folder.resolve(name);
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      try (OutputStream out = Files.newOutputStream(file)) {
        store.store(out, "secret".toCharArray());
      }
      environment.put("ATELIER_TLS_" + name, file.toString());
      environment.put("ATELIER_TLS_" + name + "_PASSWORD", "secret");
    }
  }

  private String refusal() {
    return assertThrows(EnvironmentException.class, () -> TlsStores.require(environment))
        .getMessage();
  }

  @Test
  void shouldNameAWrongPasswordAndNotShowIt() {
    environment.put("ATELIER_TLS_KEY_STORE_PASSWORD", "geheim");
    assertEquals(
        "ATELIER_TLS_KEY_STORE, %s: ATELIER_TLS_KEY_STORE_PASSWORD is not its password"
            .formatted(folder.resolve("KEY_STORE")),
        refusal());
  }

  @Test
  void shouldNameAFileThatIsMissing() {
    environment.put("ATELIER_TLS_KEY_STORE", "/no/such.p12");
    assertEquals("ATELIER_TLS_KEY_STORE, /no/such.p12: there is no such file", refusal());
  }

  @Test
  void shouldNameAFileThatIsSomethingElse() throws Exception {
    Files.writeString(folder.resolve("KEY_STORE"), "-----BEGIN PRIVATE KEY-----");
    assertTrue(refusal().contains("KEY_STORE: it cannot be read as PKCS12"), refusal());
  }

  @Test
  void shouldNameAStoreWithoutAKey() {
    assertTrue(refusal().endsWith("KEY_STORE: it has no key"), refusal());
  }

  @Test
  void shouldNameAVariableThatIsMissing() {
    environment.remove("ATELIER_TLS_KEY_STORE_PASSWORD");
    String message =
        assertThrows(InvalidConfigException.class, () -> TlsStores.require(environment))
            .getMessage();
    assertTrue(message.contains("no ATELIER_TLS_KEY_STORE_PASSWORD"), message);
  }
}
