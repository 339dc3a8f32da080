/**
 * Rewards that users bring along: {@link io.atelier.actors.plugins.AtelierPlugin} is what they
 * write, {@link io.atelier.actors.plugins.Plugins} finds it on the class path, makes the rewards
 * that a configuration names, and tells plug-ins apart by what {@code PluginFiles} reads of them.
 * docs/embedding.md shows one.
 */
package io.atelier.actors.plugins;
