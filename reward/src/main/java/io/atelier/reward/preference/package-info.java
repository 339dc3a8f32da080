/**
 * Preferences between two images of a prompt, learned from few labelled pairs: a small head on
 * frozen features ({@link io.atelier.reward.preference.PairHead}), how it is trained ({@link
 * io.atelier.reward.preference.PairTraining}), and self-training, in which it labels further pairs
 * itself ({@link io.atelier.reward.preference.SelfTraining}). No language, no clock, no files.
 */
package io.atelier.reward.preference;
