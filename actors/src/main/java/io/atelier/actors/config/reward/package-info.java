/**
 * The section {@code reward}: a record for each kind of reward, {@link GraphSection} for {@code
 * reward.graph}, and {@link NamedSections} for sections that a user names.
 */
package io.atelier.actors.config.reward;
