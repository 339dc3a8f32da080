package io.atelier.actors.web;

import io.atelier.actors.run.Version;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The page itself: what a browser shows of it, from the class path, by names that are known. */
final class PageFiles {

  private static final String FOLDER = "/io/atelier/actors/web/";
  private static final String INDEX = "index.html";
  private static final String SCRIPT = "text/javascript; charset=utf-8";
  private static final String STYLE = "text/css; charset=utf-8";

  private static final List<String> MODULES =
      List.of(
          "main.js",
          "actions.js",
          "dom.js",
          "data.js",
          "chart.js",
          "zoom.js",
          "overview.js",
          "pictures.js",
          "groups.js",
          "machine.js",
          "curves.js",
          "compare.js",
          "judge.js");

  private record Page(String type, byte[] bytes, String tag) {}

  private final Map<String, Page> pages = new LinkedHashMap<>();

  PageFiles() {
    add("/", "text/html; charset=utf-8", FOLDER + INDEX);
    add("/icon.svg", "image/svg+xml", FOLDER + "icon.svg");
    add("/style.css", STYLE, FOLDER + "style.css");
    MODULES.forEach(name -> add("/" + name, SCRIPT, FOLDER + name));
    String uplot = "/META-INF/resources/webjars/uplot/" + Version.of("uplot") + "/dist/uPlot.";
    add("/uplot.js", SCRIPT, uplot + "esm.js");
    add("/uplot.css", STYLE, uplot + "min.css");
  }

  /** The file at a path; empty if there is none. */
  Optional<Answer> at(String path, String known) {
    return Optional.ofNullable(pages.get(path))
        .map(
            page ->
                (page.tag().equals(known)
                        ? Answer.notModified()
                        : Answer.bytes(200, page.type(), page.bytes()))
                    .with("ETag", page.tag())
                    .with("Cache-Control", "no-cache"));
  }

  private void add(String path, String type, String resource) {
    try (InputStream in = PageFiles.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(
            resource + " is not on the class path; rebuild the project");
      }
      byte[] bytes = in.readAllBytes();
      String tag = "\"%s\"".formatted(Thumbnails.sha256(bytes).substring(0, 16));
      pages.put(path, new Page(type, bytes, tag));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
