/**
 * What people say of a run's pictures: labels ({@code labels.jsonl}) and which of two they prefer
 * without knowing where they come from ({@code preferences.jsonl}), and what such votes come to.
 *
 * <p>And what they had drawn: prompts of their own ({@code samples.jsonl}).
 *
 * <p>{@link io.atelier.actors.people.PeopleFiles} writes and reads; {@link
 * io.atelier.actors.people.PairOrder}, {@link io.atelier.actors.people.VoteTable} and {@link
 * io.atelier.actors.people.WinShare} are pure.
 */
package io.atelier.actors.people;
