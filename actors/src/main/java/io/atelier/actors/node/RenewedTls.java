package io.atelier.actors.node;

import akka.actor.ActorSystem;
import akka.remote.artery.tcp.ConfigSSLEngineProvider;
import akka.remote.artery.tcp.SSLEngineProvider;
import com.typesafe.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;

/**
 * TLS of the control plane with the files as they are when a connection begins: a node takes
 * renewed certificates without a restart. Connections that are open stay as they are. Files that
 * cannot be used, since they are just being written or have another password, leave those of before
 * in use, and are looked at again for the next connection. Akka makes one for each actor system.
 * Thread-safe.
 */
public final class RenewedTls implements SSLEngineProvider {

  private static final Logger LOG = LoggerFactory.getLogger(RenewedTls.class);
  private static final String SETTINGS = "akka.remote.artery.ssl.config-ssl-engine";

  private final ActorSystem system;
  private final List<Path> files;
  private List<String> taken;
  private List<String> refused = List.of();
  private ConfigSSLEngineProvider current;

  /** Called by Akka, by the name of this class in the configuration. */
  public RenewedTls(ActorSystem system) {
    this.system = system;
    Config settings = system.settings().config().getConfig(SETTINGS);
    this.files =
        Stream.of("key-store", "trust-store").map(settings::getString).map(Path::of).toList();
    this.taken = state();
    this.current = new ConfigSSLEngineProvider(system);
  }

  /** What changes with the files; a file that is gone has a state, too. */
  private List<String> state() {
    return files.stream().map(RenewedTls::state).toList();
  }

  private static String state(Path file) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return now.lastModifiedTime() + " " + now.size() + " " + now.fileKey();
    } catch (IOException e) {
      return e.toString();
    }
  }

  private synchronized ConfigSSLEngineProvider newest() {
    List<String> now = state();
    if (!now.equals(taken)) {
      try {
        ConfigSSLEngineProvider renewed = new ConfigSSLEngineProvider(system);
        renewed.createServerSSLEngine("localhost", 0); // which reads the files
        current = renewed;
        taken = now;
        LOG.info("new connections use the certificates of {}", files);
      } catch (RuntimeException e) {
        if (!now.equals(refused)) {
          refused = now;
          LOG.warn(
              "{} changed and cannot be used, so new connections use what was there before: {}",
              files,
              e.toString());
        }
      }
    }
    return current;
  }

  @Override
  public SSLEngine createServerSSLEngine(String hostname, int port) {
    return newest().createServerSSLEngine(hostname, port);
  }

  @Override
  public SSLEngine createClientSSLEngine(String hostname, int port) {
    return newest().createClientSSLEngine(hostname, port);
  }

  @Override
  public Option<Throwable> verifyClientSession(String hostname, SSLSession session) {
    return newest().verifyClientSession(hostname, session);
  }

  @Override
  public Option<Throwable> verifyServerSession(String hostname, SSLSession session) {
    return newest().verifyServerSession(hostname, session);
  }
}
