/**
 * Conversion of text to token ids: the byte-pair tokenizer of CLIP and the unigram tokenizer of T5,
 * read from the files of a Hugging Face tokenizer folder, and a builder of small CLIP vocabularies.
 */
package io.atelier.models.text;
