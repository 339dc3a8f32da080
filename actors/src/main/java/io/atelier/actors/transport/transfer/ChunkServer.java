package io.atelier.actors.transport.transfer;

import io.atelier.actors.transport.MalformedException;
import io.atelier.actors.transport.aeron.PendingChunks;
import io.atelier.actors.transport.aeron.TransportAgent;
import io.atelier.actors.transport.wire.Content;
import io.atelier.actors.transport.wire.Description;
import io.atelier.actors.transport.wire.Frame;
import io.atelier.actors.transport.wire.Missing;
import io.atelier.actors.transport.wire.Request;
import io.atelier.actors.transport.wire.Resource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Serves chunks of what is offered here to whoever asks for them. */
public final class ChunkServer {
  private final TransportAgent agent;
  private final Map<Resource, Content> offered = new ConcurrentHashMap<>();

  public ChunkServer(TransportAgent agent) {
    this.agent = agent;
    agent.handle(
        Frame.Type.REQUEST,
        (frame, now) -> serve(frame.transfer(), Request.decode(frame.payload()), now));
  }

  /** Lets others pull a resource. Thread-safe. */
  public void offer(Resource resource, Content content) {
    offered.put(resource, content);
  }

  /**
   * Sends no more of a resource, then runs an action on the agent thread, after which its memory
   * may change. Thread-safe.
   *
   * @return false if the data plane is closed: the action is not run
   */
  public boolean withdraw(Resource resource, Runnable action) {
    Content content = offered.remove(resource);
    return agent.execute(
        () -> {
          agent.drop(content);
          action.run();
        });
  }

  private void serve(long transfer, Request request, long now) {
    Content content = offered.get(request.resource());
    if (content == null) {
      String reason = "%s has no %s".formatted(agent.self(), request.resource());
      agent.send(request.from(), Frame.Type.MISSING, transfer, Missing.encode(reason));
      return;
    }
    Description description = content.description();
    int[] ranges = request.ranges().clone();
    for (int i = 0; i < ranges.length; i += 2) {
      if (ranges[i] >= description.chunks()) {
        throw new MalformedException(
            "chunk %d of %s was asked for, which has %d"
                .formatted(ranges[i], request.resource(), description.chunks()));
      }
      ranges[i + 1] = Math.min(ranges[i + 1], description.chunks() - ranges[i]);
    }
    if (request.describe()) {
      agent.send(request.from(), Frame.Type.DESCRIPTION, transfer, description.encode());
    }
    agent.send(request.from(), new PendingChunks(content, transfer, ranges), now);
  }
}
