package io.atelier.models.tensor;

/**
 * Where and how networks compute.
 *
 * @param device of all native code; results on different kinds of device differ in the last bits
 * @param storage what frozen weights are kept as
 * @param compute what the velocity network computes in
 */
public record Placement(DeviceChoice device, StorageType storage, ComputeType compute) {

  /** Its types as messages name them. */
  public String types() {
    return "%s, weights as %s".formatted(compute, storage);
  }
}
