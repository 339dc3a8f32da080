package io.atelier.actors.run.metrics;

import io.atelier.actors.ledger.model.Span;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.TraceSink;
import io.atelier.actors.report.GroupTrace;
import io.atelier.actors.report.TrainedGroup;
import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.Fence;
import io.atelier.actors.run.file.Json;
import io.atelier.actors.run.file.WriteFailedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * {@code trace.json}: all groups as Chrome trace events, which Perfetto opens. Process "workers"
 * shows what each worker did, including loading weights; arrows connect the sampling of a group,
 * its scoring and the step that trained it. Process "groups" shows each group as one bar of queue,
 * generate, wait for score, transfer, encode, score, wait, train. Times are microseconds since the
 * Unix epoch. A file that has grown large is renamed to {@code trace-1.json}, the next to {@code
 * trace-2.json}, and so on.
 */
public final class TraceFile implements TraceSink, AutoCloseable {

  private static final String END = "\n]\n";
  private static final int WORKERS = 1;
  private static final int GROUPS = 2;

  /** Bytes that Perfetto still opens easily. */
  private static final long LIMIT = 512L << 20;

  /** Bytes at the end that are searched for an event's end; longer than any event. */
  private static final int TAIL = 1 << 16;

  private final Path file;
  private final Fence fence;
  private final long limit;
  private final long epochMicros;
  private final long originNanos;
  private final Map<String, Integer> threads = new HashMap<>();
  private FileChannel out;
  private Object key;
  private boolean first;
  private int lastStep = -1;

  private TraceFile(Path file, Clock clock, long limit, Fence fence) {
    this.file = file;
    this.fence = fence;
    this.limit = limit;
    this.epochMicros = clock.epochMillis() * 1000;
    this.originNanos = clock.nanos();
  }

  /**
   * Starts a trace, or continues an existing one in a new file of the same name, so that a
   * conductor that was replaced without knowing it can only write to the old file.
   */
  public static TraceFile open(Path file, Clock clock, Fence fence) {
    return open(file, clock, LIMIT, fence);
  }

  /**
   * @param limit bytes from which a file is rotated
   */
  public static TraceFile open(Path file, Clock clock, long limit, Fence fence) {
    TraceFile trace = new TraceFile(file, clock, limit, fence);
    try {
      trace.begin();
    } catch (IOException e) {
      throw new WriteFailedException(file, e);
    }
    return trace;
  }

  private void begin() throws IOException {
    long kept = Files.exists(file) ? whole(file) : 0;
    out = Durable.goOn(file, kept, fence);
    key = key();
    first = kept <= 1;
    if (kept == 0) {
      write("[");
    }
    process(WORKERS, "workers");
    process(GROUPS, "groups");
  }

  /** Bytes up to the end of the last complete event. */
  private static long whole(Path from) throws IOException {
    try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ)) {
      long size = in.size();
      ByteBuffer tail = ByteBuffer.allocate((int) Math.min(TAIL, size));
      while (tail.hasRemaining() && in.read(tail, size - tail.remaining()) >= 0) {
        // until the buffer is full
      }
      String text = new String(tail.array(), StandardCharsets.ISO_8859_1);
      int end = text.endsWith(END) ? text.length() - END.length() : text.lastIndexOf(",\n");
      return end > 0 ? size - text.length() + end : Math.min(1, size);
    }
  }

  /** Distinguishes this file from another of the same name. */
  private Object key() throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  /** Renames the file if it is large, and starts a new one. */
  private void rotate() {
    try {
      if (out.size() < limit || !Objects.equals(key, key())) { // replaced by another conductor
        return;
      }
      write(END);
      out.close();
      int number = 1;
      while (Files.exists(aside(number))) {
        number++;
      }
      Files.move(file, aside(number));
      threads.clear();
      begin();
    } catch (IOException e) {
      throw new WriteFailedException(file, e);
    }
  }

  private Path aside(int number) {
    return file.resolveSibling(
        file.getFileName().toString().replace(".json", "-%d.json".formatted(number)));
  }

  @Override
  public void group(TrainedGroup trained) {
    GroupTrace group = trained.trace();
    if (group.step() != lastStep) {
      rotate();
    }
    String name = "group " + group.id();
    int rollout = thread(group.rolloutWorker());
    int reward = thread(group.rewardWorker());
    int learner = thread("policy-learner");
    slice(name, rollout, group.generateStart(), group.generateEnd(), group);
    slice(name, reward, group.encodeStart(), group.scoreEnd(), group);
    if (group.step() != lastStep) {
      slice("step " + group.step(), learner, group.trainStart(), group.trainEnd(), group);
      lastStep = group.step();
    }
    arrow("s", group, rollout, group.generateStart());
    arrow("t", group, reward, group.encodeStart());
    arrow("f", group, learner, group.trainStart());
    phase(group, name, group.admitted(), group.trainEnd());
    phase(group, "queue", group.admitted(), group.generateStart());
    phase(group, "generate", group.generateStart(), group.generateEnd());
    phase(group, "wait for score", group.generateEnd(), group.transferStart());
    phase(group, "transfer", group.transferStart(), group.transferEnd());
    phase(group, "encode", group.encodeStart(), group.encodeEnd());
    phase(group, "score", group.encodeEnd(), group.scoreEnd());
    phase(group, "wait", group.scoreEnd(), group.trainStart());
    phase(group, "train", group.trainStart(), group.trainEnd());
  }

  @Override
  public void loaded(String worker, Span span) {
    Map<String, Object> more = new LinkedHashMap<>();
    more.put("ts", micros(span.start()));
    more.put("dur", Math.max(0, (span.end() - span.start()) / 1000));
    emit(event("X", "load weights", WORKERS, thread(worker), more));
  }

  private void process(int pid, String name) {
    emit(event("M", "process_name", pid, 0, Map.of("args", Map.of("name", name))));
  }

  private int thread(String name) {
    return threads.computeIfAbsent(
        name,
        added -> {
          int tid = threads.size() + 1;
          emit(event("M", "thread_name", WORKERS, tid, Map.of("args", Map.of("name", added))));
          return tid;
        });
  }

  private void slice(String name, int tid, long begin, long end, GroupTrace group) {
    Map<String, Object> more = new LinkedHashMap<>();
    more.put("ts", micros(begin));
    more.put("dur", Math.max(0, (end - begin) / 1000));
    more.put("args", Map.of("step", group.step(), "attempt", group.attempt()));
    emit(event("X", name, WORKERS, tid, more));
  }

  /** One point of the arrow that connects the slices of a group: start, step or finish. */
  private void arrow(String kind, GroupTrace group, int tid, long at) {
    Map<String, Object> more = new LinkedHashMap<>();
    more.put("cat", "group");
    more.put("id", id(group));
    more.put("ts", micros(at));
    if (kind.equals("f")) {
      more.put("bp", "e"); // ends in the slice around it, not in the next one
    }
    emit(event(kind, "group", WORKERS, tid, more));
  }

  /** One phase in the bar of a group. */
  private void phase(GroupTrace group, String name, long begin, long end) {
    for (String kind : new String[] {"b", "e"}) {
      Map<String, Object> more = new LinkedHashMap<>();
      more.put("cat", "group");
      more.put("id", id(group));
      more.put("ts", micros(kind.equals("b") ? begin : Math.max(begin, end)));
      emit(event(kind, name, GROUPS, 0, more));
    }
  }

  private static String id(GroupTrace group) {
    return group.id() + "/" + group.attempt();
  }

  private long micros(long nanos) {
    return epochMicros + (nanos - originNanos) / 1000;
  }

  private static Map<String, Object> event(
      String kind, String name, int pid, int tid, Map<String, ?> more) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("ph", kind);
    event.put("name", name);
    event.put("pid", pid);
    event.put("tid", tid);
    event.putAll(more);
    return event;
  }

  private void emit(Map<String, Object> event) {
    write((first ? "\n" : ",\n") + Json.line(event));
    first = false;
  }

  private void write(String text) {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    Durable.append(out, bytes, file);
  }

  /** Ends the array, so that the file is valid JSON. */
  @Override
  public void close() {
    write(END);
    try {
      out.close();
    } catch (IOException e) {
      throw new WriteFailedException(file, e);
    }
  }
}
