/**
 * Conclusions from the numbers of a run: whether something needs attention.
 *
 * <p>{@link RunCurves} reads the files; {@link Pace} and {@link FlatGroups} look at steps, {@link
 * Hacking} and {@link RewardWorth} compare the reward with the evaluations. {@link Alarms} holds
 * all rules, {@link AlarmWatch} applies them step by step and reports each alarm once.
 */
package io.atelier.actors.run.alarm;
