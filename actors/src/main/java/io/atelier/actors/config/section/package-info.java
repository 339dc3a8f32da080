/**
 * Reading of HOCON: {@link Section} reads typed values of one section, tells what they break and
 * where they were set ({@link Values}), and notes what nobody read. {@link Reference} is the
 * shipped file of defaults. Records whose keys several sections have ({@link EncoderChoice}, {@link
 * ServerConfig}) are here, too.
 */
package io.atelier.actors.config.section;
