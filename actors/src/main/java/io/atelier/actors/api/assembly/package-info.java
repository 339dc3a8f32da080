/**
 * From a configuration to objects that compute. {@link Assembly} makes the factory of a run's
 * compute objects; {@link RewardAssembly} makes its reward, each kind in a class of its own.
 */
package io.atelier.actors.api.assembly;
