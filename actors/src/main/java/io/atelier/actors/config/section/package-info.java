/**
 * Reading of HOCON: {@link Section} reads typed values of one section, reports the rule that one
 * breaks and where it was set ({@link Values}), and records which keys were read. {@link Reference}
 * is the shipped file of defaults. Records whose keys several sections share ({@link
 * EncoderChoice}, {@link ServerConfig}) are here, too.
 */
package io.atelier.actors.config.section;
