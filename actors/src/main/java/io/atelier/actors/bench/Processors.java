package io.atelier.actors.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Processors of a sender and others of its receivers, as hosts have processors of their own. Left
 * to itself, the kernel of a machine with few puts both on one for a while, though another is idle:
 * then what is measured is the kernel's choice and not the transport. By {@code taskset} of Linux.
 *
 * @param sender list of numbers, as {@code taskset} takes it
 * @param receivers the same, for all of them together
 */
record Processors(String sender, String receivers) {
  private static final String ALLOWED = "Cpus_allowed_list:";

  /**
   * Halves of what this process may use.
   *
   * @throws IllegalArgumentException if that is one processor only, or this is not Linux
   */
  static Processors halves() {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      throw new IllegalArgumentException("--pin needs Linux: there is no " + status);
    }
    try {
      return halvesOf(
          Files.readAllLines(status).stream()
              .filter(line -> line.startsWith(ALLOWED))
              .map(line -> line.substring(ALLOWED.length()).strip())
              .findFirst()
              .orElseThrow(() -> new IllegalStateException(status + " has no " + ALLOWED)));
    } catch (IOException e) {
      throw new UncheckedIOException(status.toString(), e);
    }
  }

  /**
   * @param list such as {@code 0-3,6}
   */
  static Processors halvesOf(String list) {
    List<Integer> all = new ArrayList<>();
    for (String part : list.split(",")) {
      String[] ends = part.split("-");
      int last = Integer.parseInt(ends[ends.length - 1]);
      IntStream.rangeClosed(Integer.parseInt(ends[0]), last).forEach(all::add);
    }
    if (all.size() < 2) {
      throw new IllegalArgumentException(
          "--pin needs two processors, and this process may use only number " + list);
    }
    int half = all.size() / 2;
    return new Processors(join(all.subList(0, half)), join(all.subList(half, all.size())));
  }

  private static String join(List<Integer> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  /** Keeps all threads of this process, which sends, on their processors from now on. */
  void pinSender() {
    String self = Long.toString(ProcessHandle.current().pid());
    List<String> command = List.of("taskset", "--all-tasks", "--cpu-list", "--pid", sender, self);
    try {
      Process taskset = new ProcessBuilder(command).redirectErrorStream(true).start();
      byte[] said = taskset.getInputStream().readAllBytes();
      if (taskset.waitFor() != 0) {
        String reason = new String(said, StandardCharsets.UTF_8).strip();
        throw new IllegalStateException("%s: %s".formatted(String.join(" ", command), reason));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("--pin needs taskset, of util-linux", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** The command that runs a receiver on its processors. */
  List<String> pinReceiver(List<String> command) {
    List<String> pinned = new ArrayList<>(List.of("taskset", "--cpu-list", receivers));
    pinned.addAll(command);
    return pinned;
  }
}
