package io.atelier.actors.ledger.state;

import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.WorkerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The nodes that have workers: their last heartbeat, and their failures. */
public final class Nodes {

  private static final class Node {
    private final boolean watched;

    /** Roles that it still has: those it joined with, except those it was set aside for. */
    private final Set<Role> roles = EnumSet.noneOf(Role.class);

    private final Map<Role, Standing> standings = new EnumMap<>(Role.class);

    /** Why it gets no more work, by role. */
    private final Map<Role, Effect.SetAside> aside = new EnumMap<>(Role.class);

    private long beat;
    private long beats;
    private boolean lost;

    private Node(boolean watched) {
      this.watched = watched;
    }

    private Standing standing(Role role) {
      return standings.computeIfAbsent(role, r -> new Standing());
    }
  }

  /** What a heartbeat says of its node. */
  public enum Heard {
    /** It was taken for lost. */
    BACK,
    /** It is there. */
    PRESENT,
    /** Nothing of its workers: a later heartbeat has come before, or the node has not joined. */
    STALE
  }

  /** Share of the time in which a silent node is lost that it has after a pause at least. */
  private static final int LISTEN = 4;

  /** Lost nodes in a status report, which must fit into a message. */
  private static final int SHOWN = 50;

  private final long limit;
  private final Map<String, Node> nodes = new TreeMap<>();
  private int silenced;

  public Nodes(Duration silence) {
    this.limit = silence.toMillis();
  }

  // ---------------------------------------------------------------- who is there

  public void join(String name, List<Role> roles, boolean watched, long now) {
    Node node = new Node(watched);
    node.beat = now;
    node.roles.addAll(roles);
    Optional.ofNullable(nodes.put(name, node))
        .ifPresent(
            former -> {
              node.beats = former.beats;
              node.aside.putAll(former.aside);
              node.roles.removeAll(former.aside.keySet());
            });
  }

  /** Notes a heartbeat of a node; {@code number} is how many it has sent. */
  public Heard beat(String name, long number, long now) {
    Node node = nodes.get(name);
    if (node == null) {
      return Heard.STALE;
    }
    boolean stale = number <= node.beats;
    if (!stale || !node.lost) {
      node.beat = now;
    }
    if (stale) {
      return Heard.STALE;
    }
    boolean back = node.lost;
    node.beats = number;
    node.lost = false;
    return back ? Heard.BACK : Heard.PRESENT;
  }

  /** Forgets nodes that were lost, and not heard of after a time; returns their names. */
  public List<String> forget(long after) {
    List<String> gone =
        nodes.entrySet().stream()
            .filter(e -> e.getValue().lost && e.getValue().beat <= after)
            .map(Map.Entry::getKey)
            .toList();
    gone.forEach(nodes::remove);
    return gone;
  }

  /** Heartbeats sent during a pause of the conductor are not read yet: no node is lost at once. */
  public void listen(long now) {
    nodes.values().forEach(node -> node.beat = Math.max(node.beat, now - limit + limit / LISTEN));
  }

  /** A node has left or is taken for lost. */
  public void lose(String name) {
    if (nodes.containsKey(name)) {
      nodes.get(name).lost = true;
    }
  }

  /** Those that are there, and the last that were lost, in the order of their names. */
  public List<LedgerStatus.Node> status(long now) {
    Set<String> lost =
        nodes.entrySet().stream()
            .filter(entry -> entry.getValue().lost)
            .sorted(Comparator.comparingLong(entry -> -entry.getValue().beat))
            .limit(SHOWN)
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet());
    return nodes.entrySet().stream()
        .filter(entry -> !entry.getValue().lost || lost.contains(entry.getKey()))
        .map(entry -> status(entry.getKey(), entry.getValue(), now))
        .toList();
  }

  private static LedgerStatus.Node status(String name, Node node, long now) {
    return new LedgerStatus.Node(
        name,
        node.roles.stream().sorted().toList(),
        node.lost,
        node.watched ? now - node.beat : 0,
        node.aside.values().stream().map(Effect.SetAside::reason).distinct().toList());
  }

  /** Names of those that neither left nor are taken for lost. */
  public List<String> present() {
    return nodes.keySet().stream().filter(name -> !nodes.get(name).lost).toList();
  }

  /** Takes nodes for lost whose heartbeats are overdue; returns their names. */
  public List<String> silence(long now) {
    List<String> silent = new ArrayList<>();
    nodes.forEach(
        (name, node) -> {
          if (node.watched && !node.lost && now - node.beat >= limit) {
            node.lost = true;
            silent.add(name);
          }
        });
    silenced += silent.size();
    return silent;
  }

  /** How often a node was taken for lost for want of heartbeats. */
  public int silenced() {
    return silenced;
  }

  // ---------------------------------------------------------------- who is able to work

  /** Names of the present nodes that have a role. */
  public List<String> able(Role role) {
    return with(role).filter(e -> !e.getValue().lost).map(Map.Entry::getKey).toList();
  }

  /** As {@link #able}, and those that are lost but were heard of after a time: they may return. */
  public List<String> capable(Role role, long after) {
    return with(role)
        .filter(e -> !e.getValue().lost || e.getValue().beat > after)
        .map(Map.Entry::getKey)
        .toList();
  }

  private Stream<Map.Entry<String, Node>> with(Role role) {
    return nodes.entrySet().stream().filter(e -> e.getValue().roles.contains(role));
  }

  public void worked(WorkerId worker) {
    find(worker).ifPresent(node -> node.standing(worker.role()).worked());
  }

  /**
   * A computation failed at a node.
   *
   * @return whether that speaks against what it worked on; it does not where the node is in more
   *     doubt than another
   */
  public boolean failed(WorkerId worker, String error) {
    Optional<Standing> standing = find(worker).map(node -> node.standing(worker.role()));
    boolean speaks = standing.filter(s -> isOutdone(worker, s.doubt())).isEmpty();
    standing.ifPresent(s -> s.failed(error));
    return speaks;
  }

  /** Why a node seems broken; empty if it does not, or if no other does better. */
  public Optional<String> faulty(WorkerId worker) {
    return find(worker)
        .map(node -> node.standing(worker.role()))
        .filter(s -> s.isFaulty() && isOutdone(worker, s.failures()))
        .map(s -> "%s, and %d failures in a row".formatted(s.first(), s.failures()));
  }

  /** Whether there is another node of the role with fewer failures. */
  private boolean isOutdone(WorkerId worker, int doubt) {
    return with(worker.role())
        .filter(e -> !e.getValue().lost && !e.getKey().equals(worker.node()))
        .anyMatch(e -> e.getValue().standing(worker.role()).doubt() < doubt);
  }

  private Optional<Node> find(WorkerId worker) {
    return Optional.ofNullable(nodes.get(worker.node()));
  }

  /**
   * A node gets no more work of a role; said again when asked for by {@link #told}.
   *
   * @return what the node is told: to leave if it is there for nothing else, and not the
   *     conductor's own
   */
  public Effect.SetAside setAside(String name, Role role, String reason) {
    Node node = nodes.get(name);
    node.roles.remove(role);
    boolean leaves = node.watched && node.roles.isEmpty();
    Effect.SetAside told = new Effect.SetAside(name, role, reason, leaves);
    node.aside.put(role, told);
    return told;
  }

  /** That the node of a worker gets no more work of its role, if so. */
  public Optional<Effect.SetAside> setAside(WorkerId worker) {
    return find(worker).map(node -> node.aside.get(worker.role()));
  }

  /** That a node was told to leave, if it was. */
  public Optional<Effect.SetAside> told(String name) {
    return Optional.ofNullable(nodes.get(name)).stream()
        .flatMap(node -> node.aside.values().stream())
        .filter(Effect.SetAside::leaves)
        .findFirst();
  }
}
