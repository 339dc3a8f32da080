/**
 * The cache of reproducible files: the embedded model, passed references, and native libraries,
 * which are directed there and nowhere else.
 */
package io.atelier.models.cache;
