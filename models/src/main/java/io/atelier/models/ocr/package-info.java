/**
 * Reads the text in images: {@link io.atelier.models.ocr.TextReader} finds lines with one network
 * and reads each with another, both from PP-OCRv4.
 */
package io.atelier.models.ocr;
