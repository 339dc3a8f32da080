/**
 * Conclusions from the numbers of a run: whether something needs a person's eye.
 *
 * <p>{@link RunCurves} reads what was written; {@link Pace} and {@link FlatGroups} look at steps,
 * {@link Hacking} and {@link RewardWorth} compare the reward with what is held out. {@link Alarms}
 * holds all rules, {@link AlarmWatch} asks them step by step and says each alarm once.
 */
package io.atelier.actors.run.alarm;
