package io.atelier.actors.config;

import io.atelier.models.tensor.DeviceChoice;

/**
 * Where a process computes.
 *
 * @param device of all native code; results on different kinds of device differ in the last bits
 */
public record PlacementConfig(DeviceChoice device) {

  static PlacementConfig from(Section section) {
    return section.build(() -> new PlacementConfig(section.choice("device", DeviceChoice.class)));
  }
}
