package io.atelier.models.ocr;

/**
 * A line of text in an image.
 *
 * @param box its position
 * @param text the text, at least one character; spaces between words are often missing
 * @param confidence mean probability of its characters, 0 to 1
 */
public record TextBox(Box box, String text, float confidence) {}
