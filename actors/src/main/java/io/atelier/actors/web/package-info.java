/**
 * The page on which people look at runs: an HTTP server that reads run folders, those that go on
 * and those that are over, and writes nothing but what people say of pictures, into files that no
 * run reads. It knows a run by its files alone, as docs/page.md lists them, so nothing that happens
 * here touches a run.
 *
 * <p>{@link io.atelier.actors.web.PageServer} takes the requests; {@link
 * io.atelier.actors.web.view.RunShelf} finds the folders; {@link
 * io.atelier.actors.web.view.RunView} answers for one of them; {@code web.index} reads files that
 * still grow.
 */
package io.atelier.actors.web;
