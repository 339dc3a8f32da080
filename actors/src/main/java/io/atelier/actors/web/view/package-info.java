/**
 * The content of a page about one run: {@link RunView} with a class for each of its sections.
 * {@link RunShelf} holds the runs that are open.
 */
package io.atelier.actors.web.view;
