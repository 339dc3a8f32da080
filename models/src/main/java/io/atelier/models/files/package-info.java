/**
 * What all readers of files share: JSON with every key accounted for, what a file that cannot be
 * read is instead, and the name that was probably meant.
 */
package io.atelier.models.files;
