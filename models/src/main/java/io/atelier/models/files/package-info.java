/**
 * Shared helpers of file readers: JSON with every key accounted for, explanations of unreadable
 * files, hashes, and suggestions of similar names.
 */
package io.atelier.models.files;
