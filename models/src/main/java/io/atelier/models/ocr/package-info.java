/**
 * Reads the text in images: {@link io.atelier.models.ocr.TextReader} finds lines of text with one
 * network and reads each with another, both of PP-OCRv4.
 */
package io.atelier.models.ocr;
