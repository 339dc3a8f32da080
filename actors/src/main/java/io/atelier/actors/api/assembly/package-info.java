/**
 * Turns a configuration into objects that compute. {@link Assembly} creates the factory of a run's
 * compute objects; {@link RewardAssembly} creates its reward, each kind in its own class.
 */
package io.atelier.actors.api.assembly;
