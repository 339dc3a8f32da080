package io.atelier.actors.web;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atelier.actors.ledger.state.LedgerStatus;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.report.UnansweredException;
import java.util.function.Supplier;

/** The run in the answer to {@code GET /status}, of a node and of a page. */
public final class StatusJson {

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private StatusJson() {}

  /**
   * Returns the status of a run under {@code run}, or null there and why under {@code reason}.
   *
   * @param run asked for its status
   */
  public static ObjectNode of(Supplier<RunStatus> run) {
    ObjectNode root = MAPPER.createObjectNode();
    try {
      root.set("run", run(run.get()));
    } catch (UnansweredException e) {
      root.putNull("run").put("reason", e.getMessage());
    }
    return root;
  }

  private static ObjectNode run(RunStatus status) {
    LedgerStatus ledger = status.ledger();
    ObjectNode run = MAPPER.createObjectNode();
    run.put("leader", status.leader());
    run.put("page", status.page());
    run.put("epoch", status.epoch());
    run.set("identity", MAPPER.valueToTree(status.identity()));
    run.put("trained", ledger.trained());
    run.put("steps", ledger.last());
    run.put("paused", ledger.paused());
    run.set("waiting", MAPPER.valueToTree(ledger.waiting()));
    run.set("policy", MAPPER.valueToTree(ledger.policy()));
    run.set("critic", MAPPER.valueToTree(ledger.critic()));
    run.set("stages", MAPPER.valueToTree(ledger.stages()));
    run.set("counts", MAPPER.valueToTree(ledger.counts()));
    run.set("troubles", MAPPER.valueToTree(ledger.troubles()));
    run.set("recent", MAPPER.valueToTree(status.recent()));
    ArrayNode workers = run.putArray("workers");
    ledger.workers().forEach(worker -> workers.add(worker(status, worker)));
    run.set("helpers", MAPPER.valueToTree(status.helpers()));
    ArrayNode nodes = run.putArray("nodes");
    ledger.nodes().forEach(node -> nodes.add(node(status, node)));
    return run;
  }

  private static ObjectNode worker(RunStatus status, LedgerStatus.Worker worker) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("name", worker.id().name());
    json.put("role", worker.id().role().toString());
    json.put("incarnation", worker.id().incarnation());
    json.put("node", address(status, worker.id().node()));
    json.put("state", worker.state());
    json.put("version", worker.version());
    json.put("hash", worker.hash());
    json.put("changed", worker.changed());
    json.put("lease", worker.lease().map(Object::toString).orElse(null));
    json.put("does", worker.does());
    json.put("millis", worker.millis());
    json.put("groupSeconds", status.recent().groupSeconds().get(worker.id().name()));
    return json;
  }

  private static ObjectNode node(RunStatus status, LedgerStatus.Node node) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("node", address(status, node.name()));
    json.set(
        "workersFor", MAPPER.valueToTree(node.roles().stream().map(Object::toString).toList()));
    json.put("computing", status.computing().get(node.name()));
    json.put("gone", node.gone());
    json.put("silentMillis", node.silentMillis());
    json.set("setAside", MAPPER.valueToTree(node.setAside()));
    return json;
  }

  private static String address(RunStatus status, String node) {
    return status.addresses().getOrDefault(node, node);
  }
}
