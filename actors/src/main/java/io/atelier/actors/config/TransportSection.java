package io.atelier.actors.config;

import io.atelier.actors.transport.TransportConfig;

/** Reads the section {@code transport}. */
final class TransportSection {

  private TransportSection() {}

  /**
   * @param host where other nodes reach this one
   * @param maxBlobBytes limit of images, trajectories and features held at once
   */
  static TransportConfig read(Section section, String host, long maxBlobBytes) {
    return section.build(
        () ->
            new TransportConfig(
                host,
                section.integer("port"),
                section.text("driver-directory"),
                section.integer("mtu-bytes"),
                section.integer("term-bytes"),
                section.integer("window-bytes"),
                section.integer("socket-bytes"),
                maxBlobBytes,
                section.whole("max-version-bytes"),
                section.flag("share-on-host"),
                section.duration("stall"),
                0));
  }
}
