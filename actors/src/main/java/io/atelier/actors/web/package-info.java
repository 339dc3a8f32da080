/**
 * The page that shows runs: an HTTP server that reads folders of runs in progress and of finished
 * runs, and writes only people's opinions on pictures, into files that no run reads. It knows a run
 * by its files alone, as docs/page.md lists them, so nothing here affects a run.
 *
 * <p>{@link io.atelier.actors.web.PageServer} takes the requests; {@link
 * io.atelier.actors.web.view.RunShelf} finds the folders; {@link
 * io.atelier.actors.web.view.RunView} answers for one of them; {@code web.index} reads files that
 * are still growing.
 */
package io.atelier.actors.web;
