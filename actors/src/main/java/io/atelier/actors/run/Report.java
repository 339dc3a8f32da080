package io.atelier.actors.run;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.databind.JsonSerializable;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.jsontype.TypeSerializer;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * {@code report.html}: curves, image grids and configuration of a run in one file that needs
 * nothing else, made from the other files of the run folder alone.
 */
public final class Report {

  private static final String UPLOT = "/META-INF/resources/webjars/uplot/";
  private static final Pattern GRID = Pattern.compile("step-([0-9]{6,9})\\.png");
  private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z.]+)}}");

  /** Grids in one report, evenly spaced; more would make the file too large to mail. */
  private static final int GRIDS = 12;

  /** Bytes of a picture above which a JPEG of it is within the page. */
  private static final long LARGE = 1 << 20;

  private static final ObjectWriter DATA =
      Json.MAPPER.writer(new ScriptEscapes()).without(JsonGenerator.Feature.AUTO_CLOSE_TARGET);

  private Report() {}

  /**
   * Writes the report of a run.
   *
   * @param status {@code running}, {@code stopped}, {@code finished} or {@code failed}
   */
  static void write(RunFiles files, String status, Fence fence) {
    Map<String, List<Object>> metrics = columns(lines(files.metrics()));
    SortedMap<Integer, Map<String, Object>> byStep = new TreeMap<>();
    lines(files.evaluations()).forEach(l -> byStep.put(((Number) l.get("step")).intValue(), l));
    Map<String, List<Object>> evaluations = columns(byStep.values());
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("metrics", metrics);
    data.put("evaluations", evaluations);
    // what is shown as the start is the base and nothing else
    data.put("base", byStep.containsKey(0) ? 0 : null);
    data.put("grids", grids(files.images(), byStep.keySet()));
    data.put("facts", facts(files));
    data.put("hacking", hacking(files));
    Map<String, Part> parts = new TreeMap<>();
    String name = files.root().toAbsolutePath().normalize().getFileName().toString();
    parts.put("title", out -> out.write(escaped(name)));
    parts.put("status", out -> out.write(status));
    parts.put("subtitle", out -> out.write(escaped(subtitle(metrics))));
    List<Object> prompts = evaluations.getOrDefault("prompts", List.of());
    parts.put("measured", out -> out.write(heading(prompts)));
    parts.put("config", out -> out.write(escaped(text(files.config()))));
    parts.put("uplot.css", out -> out.write(resource(uplot("uPlot.min.css"))));
    parts.put("uplot.js", out -> out.write(resource(uplot("uPlot.iife.min.js"))));
    parts.put("data", out -> DATA.writeValue(out, data));
    Durable.replace(files.report(), out -> fill(out, parts), fence);
  }

  /** Writes what comes in a place of the page. */
  @FunctionalInterface
  private interface Part {
    void write(Writer out) throws IOException;
  }

  private static void fill(OutputStream out, Map<String, Part> parts) throws IOException {
    String template = resource("/io/atelier/actors/run/report.html");
    Writer page = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    Matcher place = PLACE.matcher(template);
    int from = 0;
    while (place.find()) {
      page.write(template, from, place.start() - from);
      parts.get(place.group(1)).write(page);
      from = place.end();
    }
    page.write(template, from, template.length() - from);
    page.flush();
  }

  /** JSON within a script element must not end it. */
  private static final class ScriptEscapes extends CharacterEscapes {

    private static final long serialVersionUID = 1;

    @Override
    public int[] getEscapeCodesForAscii() {
      int[] codes = standardAsciiEscapesForJSON();
      codes['<'] = ESCAPE_STANDARD;
      return codes;
    }

    @Override
    public SerializableString getEscapeSequence(int character) {
      return null; // the standard one
    }
  }

  /**
   * A picture within the page, read when its turn comes: together they may be larger than memory.
   */
  private record Inlined(Path png) implements JsonSerializable {

    @Override
    public void serialize(JsonGenerator json, SerializerProvider provider) throws IOException {
      json.writeString(
          Files.size(png) > LARGE
              ? Pictures.dataUri(png, ImageGrid.SIDE)
              : "data:image/png;base64," + Base64.getEncoder().encodeToString(Storage.bytes(png)));
    }

    @Override
    public void serializeWithType(
        JsonGenerator json, SerializerProvider provider, TypeSerializer type) throws IOException {
      serialize(json, provider);
    }
  }

  private static String heading(List<Object> prompts) {
    return MeasuredPrompts.headingOf(prompts.isEmpty() ? "" : prompts.get(prompts.size() - 1));
  }

  private static String uplot(String name) {
    return UPLOT + Version.of("uplot") + "/dist/" + name;
  }

  private static String subtitle(Map<String, List<Object>> metrics) {
    List<Object> steps = metrics.getOrDefault("step", List.of());
    if (steps.isEmpty()) {
      return "no step yet";
    }
    List<Object> elapsed = metrics.getOrDefault("elapsed", List.of());
    Object last = elapsed.isEmpty() ? null : elapsed.get(elapsed.size() - 1);
    String time =
        last instanceof Number seconds ? " in " + StepLine.time(seconds.doubleValue()) : "";
    return steps.get(steps.size() - 1) + " steps" + time;
  }

  private static List<Map<String, Object>> lines(Path file) {
    return Files.exists(file) ? JsonLines.read(file) : List.of();
  }

  /** Lines turned into columns of equal length. */
  private static Map<String, List<Object>> columns(Collection<Map<String, Object>> lines) {
    Map<String, List<Object>> columns = new LinkedHashMap<>();
    int rows = 0;
    for (Map<String, Object> line : lines) {
      int before = rows;
      line.forEach((key, value) -> columns.computeIfAbsent(key, added -> nulls(before)).add(value));
      rows++;
      int now = rows;
      columns.values().stream().filter(column -> column.size() < now).forEach(c -> c.add(null));
    }
    return columns;
  }

  private static List<Object> nulls(int count) {
    List<Object> nulls = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      nulls.add(null);
    }
    return nulls;
  }

  /** The grids of some steps: what is left of a life of the run that was cut off is not shown. */
  private static List<Map<String, Object>> grids(Path images, Set<Integer> evaluated) {
    TreeMap<Integer, Path> bySteps = new TreeMap<>();
    for (Path file : Storage.list(images)) {
      Matcher name = GRID.matcher(file.getFileName().toString());
      if (name.matches()) {
        bySteps.put(Integer.parseInt(name.group(1)), file);
      }
    }
    bySteps.keySet().retainAll(evaluated);
    List<Integer> steps = new ArrayList<>(bySteps.keySet());
    List<Map<String, Object>> grids = new ArrayList<>();
    int shown = Math.min(GRIDS, steps.size());
    for (int i = 0; i < shown; i++) {
      int step = steps.get(shown == 1 ? 0 : i * (steps.size() - 1) / (shown - 1));
      grids.add(Map.of("step", step, "png", new Inlined(bySteps.get(step))));
    }
    return grids;
  }

  /** What the rewards are worth, and what they like; see {@link Hacking}. */
  private static Map<String, Object> hacking(RunFiles files) {
    RunCurves curves = RunCurves.read(files);
    Map<String, Object> hacking = new LinkedHashMap<>();
    hacking.put("rewards", Hacking.rows(curves).stream().map(Hacking.Row::json).toList());
    hacking.put("herding", Hacking.herding(curves).stream().map(Hacking.Herding::text).toList());
    curves.steps().keySet().stream()
        .filter(step -> Files.exists(files.highest(step)) && Files.exists(files.lowest(step)))
        .reduce((before, step) -> step)
        .ifPresent(
            step -> {
              hacking.put("step", step);
              hacking.put("highest", new Inlined(files.highest(step)));
              hacking.put("lowest", new Inlined(files.lowest(step)));
            });
    return hacking;
  }

  private static List<List<String>> facts(RunFiles files) {
    List<List<String>> facts = new ArrayList<>();
    facts.add(List.of("Run folder", files.root().toAbsolutePath().normalize().toString()));
    if (Files.exists(files.summary())) {
      RunSummary summary = RunSummary.read(files.summary());
      facts.add(List.of("Policy", summary.policyHash()));
      facts.add(List.of("Critic", summary.criticHash()));
      facts.add(
          List.of(
              "Groups",
              "%d admitted, %d trained, %d dropped"
                  .formatted(
                      summary.groupsAdmitted(), summary.groupsTrained(), summary.groupsDropped())));
      facts.add(
          List.of(
              "Images sampled",
              "%d, %.0f for each update".formatted(summary.images(), summary.imagesPerUpdate())));
      facts.add(List.of("Time", StepLine.time(summary.wallSeconds())));
    }
    if (Files.exists(files.nodes())) {
      Map<String, Long> nodes =
          JsonLines.read(files.nodes()).stream()
              .collect(
                  Collectors.groupingBy(
                      node -> node.get("computing").toString(),
                      TreeMap::new,
                      Collectors.counting()));
      nodes.forEach(
          (computing, count) ->
              facts.add(
                  List.of(
                      "Computed on",
                      computing + (count > 1 ? ", %d nodes".formatted(count) : ""))));
    }
    facts.add(
        List.of(
            "Machine",
            "%d cores, %s %s, Java %s"
                .formatted(
                    Runtime.getRuntime().availableProcessors(),
                    System.getProperty("os.name"),
                    System.getProperty("os.arch"),
                    System.getProperty("java.version"))));
    facts.add(List.of("Atelier", Version.of("atelier")));
    return facts;
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private static String text(Path file) {
    return new String(Storage.bytes(file), StandardCharsets.UTF_8);
  }

  private static String resource(String name) {
    try (InputStream in = Report.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not on the class path; rebuild the project");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
