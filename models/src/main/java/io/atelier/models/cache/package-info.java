/**
 * Where this process keeps what can be made again: the embedded model, passed references, and
 * native libraries, which are told to go there and nowhere else.
 */
package io.atelier.models.cache;
