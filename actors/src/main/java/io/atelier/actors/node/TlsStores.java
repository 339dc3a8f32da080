package io.atelier.actors.node;

import io.atelier.actors.config.section.EnvironmentException;
import io.atelier.actors.config.section.InvalidConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.Map;

/**
 * The files and passwords of TLS, which come from the environment. Looked at before the actor
 * system starts, which would not say which of them is wrong, and with what it needs.
 */
final class TlsStores {

  private static final String PREFIX = "ATELIER_TLS_";

  private TlsStores() {}

  /**
   * @throws InvalidConfigException if a variable is missing
   * @throws EnvironmentException if a file is not what it has to be
   */
  static void require(Map<String, String> environment) {
    for (String name : new String[] {"KEY_STORE", "TRUST_STORE"}) {
      String file = variable(environment, name);
      char[] password = variable(environment, name + "_PASSWORD").toCharArray();
      boolean key = name.equals("KEY_STORE");
      try (InputStream in = Files.newInputStream(Path.of(file))) {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(in, password);
        requireContent(name, file, store, key);
      } catch (NoSuchFileException e) {
        throw wrong(name, file, "there is no such file", e);
      } catch (IOException e) {
        throw e.getCause() instanceof UnrecoverableKeyException
            ? wrong(name, file, "%s%s_PASSWORD is not its password".formatted(PREFIX, name), e)
            : wrong(name, file, "it cannot be read as PKCS12: " + e.getMessage(), e);
      } catch (GeneralSecurityException e) {
        throw wrong(name, file, e.getMessage(), e);
      }
    }
  }

  private static void requireContent(String name, String file, KeyStore store, boolean key)
      throws GeneralSecurityException {
    boolean found = false;
    for (String alias : Collections.list(store.aliases())) {
      found |= key ? store.isKeyEntry(alias) : store.isCertificateEntry(alias);
      Certificate certificate = store.getCertificate(alias);
      if (certificate instanceof X509Certificate x509) {
        try {
          x509.checkValidity();
        } catch (CertificateException e) {
          throw wrong(
              name,
              file,
              "the certificate %s is valid from %s to %s only"
                  .formatted(alias, x509.getNotBefore(), x509.getNotAfter()),
              e);
        }
      }
    }
    if (!found) {
      throw wrong(
          name, file, key ? "it has no key" : "it has no certificate of an authority", null);
    }
  }

  private static String variable(Map<String, String> environment, String name) {
    String value = environment.get(PREFIX + name);
    if (value == null) {
      throw new InvalidConfigException(
          "cluster.tls is true, but the environment has no %s%s; cluster-conf/bin/make-test-ca makes"
                  .formatted(PREFIX, name)
              + " all that is needed for a trial");
    }
    return value;
  }

  private static EnvironmentException wrong(String name, String file, String why, Exception cause) {
    return new EnvironmentException("%s%s, %s: %s".formatted(PREFIX, name, file, why), cause);
  }
}
