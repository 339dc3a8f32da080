package io.atelier.models.tensor;

/**
 * Device and types of networks.
 *
 * @param device device of all native code; results on different kinds of device differ in the last
 *     bits
 * @param storage storage type of frozen weights
 * @param compute type that the velocity network computes in
 */
public record Placement(DeviceChoice device, StorageType storage, ComputeType compute) {

  /** Its types, for messages. */
  public String types() {
    return "%s, weights as %s".formatted(compute, storage);
  }
}
