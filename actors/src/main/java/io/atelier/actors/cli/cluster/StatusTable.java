package io.atelier.actors.cli.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.actors.cli.console.TextTable;
import io.atelier.actors.transport.HostPort;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Formats the answer of {@code GET /status} as text. */
final class StatusTable {

  private static final int HASH_LETTERS = 8;

  private final JsonNode status;
  private final JsonNode run;
  private final List<String> lines = new ArrayList<>();

  StatusTable(JsonNode status) {
    this.status = status;
    this.run = status.get("run");
  }

  List<String> lines() {
    if (run.isNull()) {
      lines.add("run      nobody leads it now: " + status.get("reason").asText());
    } else {
      run();
    }
    lines.add("");
    nodes();
    if (!run.isNull()) {
      lines.add("");
      workers();
      if (!run.get("helpers").isEmpty()) {
        lines.add("");
        helpers();
      }
    }
    return lines;
  }

  private void run() {
    lines.add(
        "run      step %d of %d%s, led by %s, conductor %d of the run"
            .formatted(
                run.get("trained").asInt(),
                run.get("steps").asInt(),
                run.get("paused").asBoolean() ? ", PAUSED" : "",
                run.get("leader").asText(),
                run.get("epoch").asInt()));
    if (!run.path("page").asText().isEmpty()) {
      String leader = run.get("leader").asText();
      lines.add(
          "page     %s on %s"
              .formatted(
                  run.get("page").asText(),
                  HostPort.parse(leader).map(HostPort::host).orElse(leader)));
    }
    lines.add(
        "made of  "
            + join(
                run.get("identity"),
                e -> "%s %s".formatted(e.getKey(), shortened(e.getValue().asText()))));
    JsonNode recent = run.get("recent");
    int steps = recent.get("steps").asInt();
    if (steps > 0) {
      lines.add(
          "speed    %s a step, %s images/s over the last %d steps"
              .formatted(
                  seconds(recent.get("stepSeconds").asDouble()),
                  decimal(recent.get("imagesPerSecond").asDouble()),
                  steps));
    }
    lines.add("weights  %s, %s".formatted(stream("policy"), stream("critic")));
    JsonNode counts = run.get("counts");
    lines.add(
        "groups   %s admitted = %s trained + %s dropped + %s open%s"
            .formatted(
                counts.get("admitted"),
                counts.get("trained"),
                counts.get("dropped"),
                counts.get("open"),
                again(counts)));
    lines.add("         open: " + stages());
    lines.add("leases   " + leases());
    if (steps > 0) {
      lines.add(
          "lag      "
              + join(recent.get("lags"), e -> "%s: %s groups".formatted(e.getKey(), e.getValue())));
      lines.add(
          "idle     "
              + join(
                  recent.get("idle"),
                  e -> "%s %.0f%%".formatted(e.getKey(), 100 * e.getValue().asDouble())));
    }
    slowest().ifPresent(lines::add);
    troubles().ifPresent(lines::add);
    if (!run.get("waiting").isEmpty()) {
      lines.add("now      " + join(run.get("waiting")));
    }
  }

  private String stream(String weights) {
    JsonNode stream = run.get(weights);
    if (stream.get("newest").asLong() < 0) {
      return weights + " none yet";
    }
    return "%s %d %s (%d held)"
        .formatted(
            weights,
            stream.get("newest").asLong(),
            shortened(stream.get("hash").asText()),
            stream.get("versions").asInt());
  }

  private static String again(JsonNode counts) {
    StringBuilder text = new StringBuilder();
    for (String what : List.of("regenerated", "released", "discarded")) {
      if (counts.get(what).asLong() > 0) {
        text.append("; ").append(counts.get(what)).append(' ').append(what);
      }
    }
    return text.toString();
  }

  /** Returns the open groups by stage, in order; empty stages are left out. */
  private String stages() {
    List<String> order =
        List.of("admitted", "generating", "generated", "scoring", "scored", "landed", "training");
    String text =
        order.stream()
            .filter(stage -> run.get("stages").get(stage).asInt() > 0)
            .map(stage -> run.get("stages").get(stage) + " " + stage)
            .collect(Collectors.joining(", "));
    return text.isEmpty() ? "none" : text;
  }

  private String leases() {
    List<JsonNode> leased =
        StreamSupport.stream(run.get("workers").spliterator(), false)
            .filter(w -> !w.get("lease").isNull())
            .toList();
    return leased.stream()
        .max(Comparator.comparingLong(w -> w.get("millis").asLong()))
        .map(
            oldest ->
                "%d open, the oldest of group %s for %s"
                    .formatted(
                        leased.size(),
                        oldest.get("lease").asText(),
                        seconds(oldest.get("millis").asLong() / 1e3)))
        .orElse("none open");
  }

  private Optional<String> slowest() {
    return workersOf("reward")
        .filter(w -> !w.get("groupSeconds").isNull() && !w.get("state").asText().equals("gone"))
        .max(Comparator.comparingDouble(w -> w.get("groupSeconds").asDouble()))
        .map(
            w ->
                "slowest  scorer %s, %s a group"
                    .formatted(w.get("name").asText(), seconds(w.get("groupSeconds").asDouble())));
  }

  /** Returns what went wrong with the run as a whole; empty if nothing did. */
  private Optional<String> troubles() {
    JsonNode all = run.get("troubles");
    List<String> said = new ArrayList<>();
    if (all.get("pauses").asInt() > 0) {
      said.add(
          "the conductor stood still %d times, %s in all"
              .formatted(
                  all.get("pauses").asInt(), seconds(all.get("pausedMillis").asLong() / 1e3)));
    }
    if (all.get("silentNodes").asInt() > 0) {
      said.add("%d times a node was taken for lost".formatted(all.get("silentNodes").asInt()));
    }
    for (JsonNode node : run.get("nodes")) {
      node.get("setAside")
          .forEach(why -> said.add(node.get("node").asText() + " is set aside: " + why.asText()));
    }
    return said.isEmpty() ? Optional.empty() : Optional.of("trouble  " + String.join("; ", said));
  }

  private Stream<JsonNode> workersOf(String role) {
    return StreamSupport.stream(run.get("workers").spliterator(), false)
        .filter(w -> w.get("role").asText().equals(role));
  }

  private void nodes() {
    TextTable table = new TextTable("NODE", "ROLES", "STATE", "COMPUTES ON");
    String leader = run.isNull() ? "" : run.get("leader").asText();
    for (JsonNode member : status.get("members")) {
      String address = member.get("address").asText();
      table.add(
          address,
          join(member.get("roles")),
          member.get("status").asText()
              + (member.get("reachable").asBoolean() ? "" : ", UNREACHABLE")
              + (address.equals(leader) ? ", leads" : ""),
          computing(address));
    }
    lines.addAll(table.lines());
  }

  /** Returns what a node computes on; of all nodes that had the address, the current one. */
  private String computing(String address) {
    return run.isNull()
        ? "-"
        : StreamSupport.stream(run.get("nodes").spliterator(), false)
            .filter(n -> n.get("node").asText().equals(address) && !n.get("gone").asBoolean())
            .map(n -> n.get("computing").asText())
            .findFirst()
            .orElse("-");
  }

  private void workers() {
    TextTable table = new TextTable("WORKER", "HOLDS", "HASH", "CHANGED", "S/GROUP", "DOES");
    for (String role : List.of("rollout", "reward")) {
      workersOf(role)
          .sorted(Comparator.comparing(w -> w.get("name").asText()))
          .forEach(
              w -> {
                boolean holds =
                    w.get("version").asLong() >= 0
                        && List.of("idle", "leased").contains(w.get("state").asText());
                boolean gone = w.get("state").asText().equals("gone");
                JsonNode seconds = w.get("groupSeconds");
                table.add(
                    w.get("name").asText(),
                    holds ? w.get("version").asText() : "-",
                    holds ? shortened(w.get("hash").asText()) : "-",
                    holds ? w.get("changed").asText() : "-",
                    gone || seconds.isNull() ? "-" : decimal(seconds.asDouble()),
                    w.get("does").asText() + since(w));
              });
    }
    lines.addAll(table.lines());
  }

  private void helpers() {
    TextTable table = new TextTable("HELPER", "NODE", "DONE", "DOES");
    for (JsonNode helper : run.get("helpers")) {
      table.add(
          helper.get("role").asText(),
          helper.get("node").asText(),
          helper.get("done").asText()
              + (helper.get("role").asText().equals("gradient")
                  ? " micro-batches"
                  : " evaluations"),
          helper.get("does").asText());
    }
    lines.addAll(table.lines());
  }

  private static String since(JsonNode worker) {
    long millis = worker.get("millis").asLong();
    return millis == 0 ? "" : " for " + seconds(millis / 1e3);
  }

  private static String join(JsonNode object, Function<Map.Entry<String, JsonNode>, String> text) {
    return object.properties().stream().map(text).collect(Collectors.joining(", "));
  }

  private static String join(JsonNode texts) {
    return StreamSupport.stream(texts.spliterator(), false)
        .map(JsonNode::asText)
        .collect(Collectors.joining(", "));
  }

  private static String shortened(String hash) {
    return hash.isEmpty() ? "-" : hash.substring(0, Math.min(HASH_LETTERS, hash.length()));
  }

  private static String seconds(double seconds) {
    return decimal(seconds) + " s";
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.0f", value);
  }
}
