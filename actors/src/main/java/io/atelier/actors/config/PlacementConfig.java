package io.atelier.actors.config;

import io.atelier.models.tensor.ComputeType;
import io.atelier.models.tensor.DeviceChoice;

/**
 * Where a process computes.
 *
 * @param device of all native code; results on different kinds of device differ in the last bits
 * @param compute what the velocity network computes in, wherever it is used
 */
public record PlacementConfig(DeviceChoice device, ComputeType compute) {

  static PlacementConfig from(Section section) {
    return section.build(
        () ->
            new PlacementConfig(
                section.choice("device", DeviceChoice.class),
                section.choice("compute", ComputeType.class)));
  }
}
