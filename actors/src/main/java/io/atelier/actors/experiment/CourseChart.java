package io.atelier.actors.experiment;

import io.atelier.actors.run.alarm.RunCurves;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An SVG chart of the evaluations of all arms: a line through the means over the seeds, on a band
 * from the lowest to the highest.
 */
final class CourseChart {

  /** Measures that have a panel, with their titles. */
  private static final Map<String, String> PANELS =
      new TreeMap<>(
          Map.of(
              "styleShare", "style share",
              "kidReference", "KID",
              "retrievalTop1", "retrieval"));

  private static final List<String> COLOURS =
      List.of(
          "#2f5fd0", "#d9822b", "#1a9e6b", "#a04bc4", "#c9403a", "#6b7280", "#0f8b8d", "#8a5a00");

  private static final int WIDTH = 300;
  private static final int HEIGHT = 200;
  private static final int LEFT = 44;
  private static final int TOP = 26;
  private static final int GAP = 28;
  private static final int ROW = 18;
  private static final int TICKS = 4;

  private final StringBuilder svg = new StringBuilder();

  private CourseChart() {}

  /** Values of all seeds at a step. */
  private record Point(double lowest, double mean, double highest) {}

  /**
   * @param runs finished runs of each arm, in the order of the arms
   * @return empty if nothing was measured at two steps
   */
  static String of(Map<String, List<RunCurves>> runs) {
    Map<String, Map<String, SortedMap<Integer, Point>>> panels = new TreeMap<>();
    PANELS
        .keySet()
        .forEach(
            measure -> {
              Map<String, SortedMap<Integer, Point>> lines = new LinkedHashMap<>();
              runs.forEach((arm, done) -> lines.put(arm, line(done, measure)));
              if (lines.values().stream().anyMatch(line -> line.size() > 1)) {
                panels.put(measure, lines);
              }
            });
    return panels.isEmpty() ? "" : new CourseChart().drawn(panels, List.copyOf(runs.keySet()));
  }

  private static SortedMap<Integer, Point> line(List<RunCurves> runs, String measure) {
    SortedMap<Integer, List<Double>> values = new TreeMap<>();
    for (RunCurves run : runs) {
      run.evaluations()
          .forEach(
              (step, line) -> {
                if (line.containsKey(measure)) {
                  values.computeIfAbsent(step, s -> new ArrayList<>()).add(line.get(measure));
                }
              });
    }
    SortedMap<Integer, Point> points = new TreeMap<>();
    values.forEach(
        (step, of) ->
            points.put(
                step,
                new Point(
                    of.stream().mapToDouble(v -> v).min().orElseThrow(),
                    of.stream().mapToDouble(v -> v).average().orElseThrow(),
                    of.stream().mapToDouble(v -> v).max().orElseThrow())));
    return points;
  }

  private String drawn(
      Map<String, Map<String, SortedMap<Integer, Point>>> panels, List<String> arms) {
    int width = panels.size() * (WIDTH + GAP);
    int height = TOP + HEIGHT + 2 * GAP + ROW * arms.size();
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"11\">",
        width, height, width, height);
    add("<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>", width, height);
    int x = 0;
    for (Map.Entry<String, Map<String, SortedMap<Integer, Point>>> panel : panels.entrySet()) {
      panel(x, panel.getKey(), panel.getValue());
      x += WIDTH + GAP;
    }
    for (int i = 0; i < arms.size(); i++) {
      int y = TOP + HEIGHT + 2 * GAP + ROW * i;
      add(
          "<rect x=\"%d\" y=\"%d\" width=\"18\" height=\"4\" fill=\"%s\"/>",
          LEFT, y - 6, colour(i));
      add("<text x=\"%d\" y=\"%d\" fill=\"#22252b\">%s</text>", LEFT + 26, y, arms.get(i));
    }
    add("</svg>");
    return svg.toString();
  }

  private static String colour(int arm) {
    return COLOURS.get(arm % COLOURS.size());
  }

  private void panel(int x, String measure, Map<String, SortedMap<Integer, Point>> lines) {
    List<Point> all = lines.values().stream().flatMap(line -> line.values().stream()).toList();
    int last =
        lines.values().stream()
            .filter(line -> !line.isEmpty())
            .mapToInt(SortedMap::lastKey)
            .max()
            .orElseThrow();
    boolean isShare = !measure.equals("kidReference");
    double top = isShare ? 1 : nice(all.stream().mapToDouble(Point::highest).max().orElseThrow());
    add(
        "<text x=\"%d\" y=\"14\" fill=\"#22252b\" font-weight=\"bold\">%s</text>",
        x + LEFT, PANELS.get(measure));
    for (int tick = 0; tick <= TICKS; tick++) {
      double value = top * tick / TICKS;
      double y = y(value, top);
      add(
          "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#e5e2da\"/>",
          x + LEFT, x + WIDTH, y, y);
      add(
          "<text x=\"%d\" y=\"%.1f\" fill=\"#6b7280\" text-anchor=\"end\">%s</text>",
          x + LEFT - 6, y + 4, number(value));
      add(
          "<text x=\"%.1f\" y=\"%d\" fill=\"#6b7280\" text-anchor=\"middle\">%s</text>",
          x(x, (double) tick / TICKS), TOP + HEIGHT + 16, number((double) last * tick / TICKS));
    }
    int arm = 0;
    for (SortedMap<Integer, Point> line : lines.values()) {
      draw(x, line, last, top, colour(arm++));
    }
  }

  private void draw(int x, SortedMap<Integer, Point> line, int last, double top, String colour) {
    List<String> mean = new ArrayList<>();
    List<String> band = new ArrayList<>();
    List<String> back = new ArrayList<>();
    line.forEach(
        (step, point) -> {
          double at = x(x, last == 0 ? 0 : (double) step / last);
          mean.add(at(at, y(point.mean(), top)));
          band.add(at(at, y(point.highest(), top)));
          back.add(0, at(at, y(point.lowest(), top)));
        });
    band.addAll(back);
    add(
        "<polygon points=\"%s\" fill=\"%s\" fill-opacity=\"0.15\"/>",
        String.join(" ", band), colour);
    add(
        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>",
        String.join(" ", mean), colour);
    for (String point : mean) {
      String[] place = point.split(",");
      add("<circle cx=\"%s\" cy=\"%s\" r=\"2.5\" fill=\"%s\"/>", place[0], place[1], colour);
    }
  }

  private static String at(double x, double y) {
    return String.format(Locale.ROOT, "%.1f,%.1f", x, y);
  }

  private static double x(int x, double share) {
    return x + LEFT + share * (WIDTH - LEFT);
  }

  private static double y(double value, double top) {
    return TOP + HEIGHT * (1 - Math.max(0, value) / top);
  }

  /** Returns the next of 1, 2, 4, 6, 8 times a power of ten that is not less. */
  private static double nice(double value) {
    double ten = 1;
    while (10 * ten < value) {
      ten *= 10;
    }
    for (int digit : new int[] {1, 2, 4, 6, 8}) {
      if (digit * ten >= value) {
        return digit * ten;
      }
    }
    return 10 * ten;
  }

  private static String number(double value) {
    return value == Math.rint(value) ? "%.0f".formatted(value) : Reading.text(value);
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
