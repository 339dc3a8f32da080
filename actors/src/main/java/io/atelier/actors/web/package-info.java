/**
 * The page that shows runs: an HTTP server that reads folders of runs in progress and of finished
 * runs, and writes only what people say or have drawn, into files that no run reads. It knows a run
 * by its files alone, as docs/page.md lists them, so nothing here affects a run, but for the memory
 * and time that {@link io.atelier.actors.web.SampleProcess} takes beside it.
 *
 * <p>{@link io.atelier.actors.web.PageServer} takes the requests; {@link
 * io.atelier.actors.web.view.RunShelf} finds the folders; {@link
 * io.atelier.actors.web.view.RunView} answers for one of them; {@code web.index} reads files that
 * are still growing.
 */
package io.atelier.actors.web;
