package io.atelier.rollout;

/**
 * A caption to draw.
 *
 * @param index line of the prompt in its set, from 0: the key by which references and statistics
 *     are kept (two prompts may have the same text)
 * @param text the caption
 */
public record Prompt(int index, String text) {}
