package io.atelier.actors.run.file;

import java.nio.file.Path;
import java.util.Locale;

/**
 * The paths of the files of a run.
 *
 * @param root the run folder
 */
public record RunFiles(Path root) {

  /** In the folder of a run and in each of its checkpoints. */
  public static final String IDENTITY = "identity.json";

  /** The resolved configuration, HOCON. */
  public Path config() {
    return root.resolve("config.conf");
  }

  /** Content hashes of everything that the run is made of, JSON. */
  public Path identity() {
    return root.resolve(IDENTITY);
  }

  /** One JSON object per line for every step. */
  public Path metrics() {
    return root.resolve("metrics.jsonl");
  }

  /** One JSON object per line for every evaluation. */
  public Path evaluations() {
    return root.resolve("evaluations.jsonl");
  }

  /** One JSON object per line for every trained group, see {@code GroupFile}. */
  public Path groups() {
    return root.resolve("groups.jsonl");
  }

  /** One JSON object per line for every node that took part, with its device and runtime. */
  public Path nodes() {
    return root.resolve("nodes.jsonl");
  }

  /** One JSON object per line for every answer of a judge. */
  public Path judgements() {
    return root.resolve("judgements.jsonl");
  }

  /** One JSON object per line for every value that changes from a step on. */
  public Path amendments() {
    return root.resolve("amendments.jsonl");
  }

  /** Event files for TensorBoard. */
  public Path tensorBoard() {
    return root.resolve("tensorboard");
  }

  /** Image grids. */
  public Path images() {
    return root.resolve("images");
  }

  /** One JSON object per line for the images of every evaluation. */
  public Path shown() {
    return root.resolve("shown.jsonl");
  }

  /** One JSON object per line for every prompt of these evaluations that has its own references. */
  public Path references() {
    return root.resolve("references.jsonl");
  }

  /** The grid of the policy after {@code steps} updates. */
  public Path grid(int steps) {
    return images().resolve(step(steps) + ".png");
  }

  /** Images of step {@code steps} that got the highest reward of their prompt. */
  public Path highest(int steps) {
    return images().resolve("highest-" + step(steps) + ".png");
  }

  /** Images of step {@code steps} that got the lowest reward of their prompt. */
  public Path lowest(int steps) {
    return images().resolve("lowest-" + step(steps) + ".png");
  }

  /** Pictures of training images, named by content hash, and {@code index.jsonl}. */
  public Path pictures() {
    return root.resolve("pictures");
  }

  public Path checkpoints() {
    return root.resolve("checkpoints");
  }

  /** Journal of the ledger. */
  public Path ledger() {
    return root.resolve("ledger");
  }

  /** The trace of the groups, for Perfetto and {@code chrome://tracing}. */
  public Path trace() {
    return root.resolve("trace.json");
  }

  public Path report() {
    return root.resolve("report.html");
  }

  public Path summary() {
    return root.resolve("summary.json");
  }

  /** The state of the run and the last heartbeat of its process, JSON. */
  public Path state() {
    return root.resolve("run.json");
  }

  /** The whole log, stack traces included. */
  public Path log() {
    return root.resolve("atelier.log");
  }

  /** An empty file that exists while a run in a cluster is paused. */
  public Path paused() {
    return root.resolve(".paused");
  }

  /** One empty file for every conductor that a run in a cluster has had. */
  public Path epochs() {
    return root.resolve(".epochs");
  }

  /** The token that allows a page to control the run. */
  public Path token() {
    return root.resolve(".token");
  }

  public Path lock() {
    return root.resolve(".lock");
  }

  /** Name of everything that belongs to one state of the policy: {@code step-000040}. */
  public static String step(int steps) {
    return String.format(Locale.ROOT, "step-%06d", steps);
  }
}
