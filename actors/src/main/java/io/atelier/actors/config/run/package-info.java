/**
 * Sections of what is trained, on what, and what is kept: {@code model}, {@code data}, {@code
 * evaluation}, {@code run}, {@code checkpoint}, {@code pictures}, {@code page}.
 */
package io.atelier.actors.config.run;
