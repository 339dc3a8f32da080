/**
 * Access to the growing files of a run, for a page: {@link LineIndex} finds lines without reading
 * the file again, {@link FileMark} tells whether it changed, {@link Thumbnails} makes thumbnails.
 * {@link Answer} is the server's response.
 */
package io.atelier.actors.web.index;
