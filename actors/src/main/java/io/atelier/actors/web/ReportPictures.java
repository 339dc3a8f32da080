package io.atelier.actors.web;

import io.atelier.actors.web.index.Answer;
import io.atelier.actors.web.index.Thumbnails;
import io.atelier.actors.web.view.RunContents;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** Thumbnails in a report, kept between its rewrites so that each is made once. */
final class ReportPictures {

  /** Side of a thumbnail in pixels, one of {@link Thumbnails#SIDES}. */
  static final int SIDE = 256;

  private record Small(String tag, String url) {}

  private final RunContents contents;
  private final long most;
  private Map<String, Small> before = Map.of();
  private Map<String, Small> now = new LinkedHashMap<>();
  private long bytes;
  private int leftOut;

  /**
   * @param most limit of the characters of all of them in one report
   */
  ReportPictures(RunContents contents, long most) {
    this.contents = contents;
    this.most = most;
  }

  /** Begins another report. */
  void begin() {
    before = now;
    now = new LinkedHashMap<>();
    bytes = 0;
    leftOut = 0;
  }

  /**
   * Adds a picture, unless there are too many.
   *
   * @param name below the run folder
   * @param side most rows and columns that it gets; 0 for all of them
   * @return whether it is in the report
   */
  boolean add(String name, int side) throws IOException {
    if (now.containsKey(name)) {
      return true;
    }
    if (leftOut > 0) {
      leftOut++;
      return false;
    }
    Small known = before.get(name);
    Answer answer = contents.picture(name, side, known == null ? null : known.tag());
    if (answer.status() != 200 && answer.status() != 304) {
      return false; // no longer kept, or not a picture; the page says so in its place
    }
    Small small = answer.status() == 304 ? known : small(answer);
    if (bytes + small.url().length() > most) {
      leftOut++;
      return false;
    }
    bytes += small.url().length();
    now.put(name, small);
    return true;
  }

  /** Adds a picture at most {@link #SIDE} pixels wide; one that is no wider stays as it is. */
  boolean addSmall(String name, int width) throws IOException {
    return add(name, width > 0 && width <= SIDE ? 0 : SIDE);
  }

  /** Returns how many were left out. */
  int leftOut() {
    return leftOut;
  }

  /** Returns data URLs by name. */
  Map<String, String> all() {
    Map<String, String> urls = new LinkedHashMap<>();
    now.forEach((name, small) -> urls.put(name, small.url()));
    return urls;
  }

  private static Small small(Answer answer) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    answer.body().writeTo(bytes);
    String url =
        "data:%s;base64,%s"
            .formatted(
                answer.headers().get("Content-Type"),
                Base64.getEncoder().encodeToString(bytes.toByteArray()));
    return new Small(answer.headers().get("ETag"), url);
  }
}
