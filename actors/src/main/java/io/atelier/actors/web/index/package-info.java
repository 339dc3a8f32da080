/**
 * Files of a run that still grows, as a page needs them: {@link LineIndex} finds lines without
 * reading the file again, {@link FileMark} tells whether it changed, {@link Thumbnails} makes small
 * pictures. {@link Answer} is what the server sends.
 */
package io.atelier.actors.web.index;
