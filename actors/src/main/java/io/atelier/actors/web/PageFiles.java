package io.atelier.actors.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atelier.actors.identity.Version;
import io.atelier.actors.web.index.Answer;
import io.atelier.actors.web.index.Thumbnails;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The files of the page itself, from the class path, by a fixed list of names. */
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
          "judge.js",
          "samples.js");

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

  /**
   * Returns all modules as data URLs for an import map, by the names that they import each other by
   * without a server.
   */
  Map<String, String> imports() {
    Map<String, String> imports = new LinkedHashMap<>();
    pages.forEach(
        (path, page) -> {
          if (page.type().equals(SCRIPT)) {
            String bare = text(path).replace(" from \"/", " from \"");
            imports.put(path.substring(1), dataUri(page.type(), bare.getBytes(UTF_8)));
          }
        });
    return imports;
  }

  /** Returns a file as text. */
  String text(String path) {
    return new String(pages.get(path).bytes(), UTF_8);
  }

  /** Returns a file as a data URL. */
  String dataUri(String path) {
    Page page = pages.get(path);
    return dataUri(page.type(), page.bytes());
  }

  private static String dataUri(String type, byte[] bytes) {
    return "data:%s;base64,%s"
        .formatted(type.replace(" ", ""), Base64.getEncoder().encodeToString(bytes));
  }

  /** Returns the file at a path; empty if there is none. */
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
    byte[] bytes = resource(resource);
    String tag = "\"%s\"".formatted(Thumbnails.sha256(bytes).substring(0, 16));
    pages.put(path, new Page(type, bytes, tag));
  }

  /** Returns the template of a report, with placeholders for its content. */
  static String report() {
    return new String(resource(FOLDER + "report.html"), UTF_8);
  }

  private static byte[] resource(String name) {
    try (InputStream in = PageFiles.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not on the class path; rebuild the project");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
