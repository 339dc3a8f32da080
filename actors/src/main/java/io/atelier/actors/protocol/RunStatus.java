package io.atelier.actors.protocol;

import io.atelier.actors.ledger.state.LedgerStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * A run at one moment, for people.
 *
 * @param epoch which conductor of the run this is
 * @param leader address of its node in the cluster, {@code host:port}; empty outside a cluster
 * @param page where people see the run, a URL on that node's machine; empty if nowhere
 * @param ledger steps, groups, workers and nodes
 * @param recent the last steps and groups
 * @param helpers gradient workers and evaluators that are there, in the order in which they came
 * @param addresses address in the cluster of every node of the ledger, by its name there
 * @param computing what each of these nodes computes with: device, type, library
 * @param identity SHA-256 of the configuration and of every part of the identity, by their names
 */
public record RunStatus(
    int epoch,
    String leader,
    String page,
    LedgerStatus ledger,
    Recent recent,
    List<Helper> helpers,
    SortedMap<String, String> addresses,
    SortedMap<String, String> computing,
    SortedMap<String, String> identity)
    implements WireMessage {

  /**
   * What happened of late.
   *
   * @param steps how many of the last steps these figures are about; 0 before the first
   * @param stepSeconds mean time of a step; 0 before the first
   * @param imagesPerSecond images trained on in these steps, by their time; 0 before the first
   * @param lags groups by staleness: step minus the policy version that drew them
   * @param idle share of the last step, 0..1, in which the workers of a role computed nothing
   * @param groupSeconds mean time that a worker computed one of its last groups, by its name
   */
  public record Recent(
      int steps,
      double stepSeconds,
      double imagesPerSecond,
      SortedMap<Integer, Integer> lags,
      SortedMap<String, Double> idle,
      SortedMap<String, Double> groupSeconds) {}

  /**
   * One that helps the learners. What it has done is counted since this conductor met it.
   *
   * @param role {@code gradient} or {@code evaluator}
   * @param node where it is, {@code host:port}; empty outside a cluster
   * @param does what it does or waits for, in words
   * @param done micro-batches of which the gradient was used, or evaluations
   */
  public record Helper(String role, String node, String does, long done) {}

  /** The same with more helpers. */
  public RunStatus with(List<Helper> more) {
    List<Helper> all = new ArrayList<>(helpers);
    all.addAll(more);
    return new RunStatus(
        epoch, leader, page, ledger, recent, List.copyOf(all), addresses, computing, identity);
  }

  /**
   * The answer to a command.
   *
   * @param done whether it was obeyed
   * @param message what is done now, or why nothing is
   */
  public record Done(boolean done, String message) implements WireMessage {}
}
