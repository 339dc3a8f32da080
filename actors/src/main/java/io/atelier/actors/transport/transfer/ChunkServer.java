package io.atelier.actors.transport.transfer;

import io.atelier.actors.transport.MalformedException;
import io.atelier.actors.transport.aeron.Exchange;
import io.atelier.actors.transport.aeron.Order;
import io.atelier.actors.transport.wire.Description;
import io.atelier.actors.transport.wire.Frame;
import io.atelier.actors.transport.wire.Missing;
import io.atelier.actors.transport.wire.Parcel;
import io.atelier.actors.transport.wire.Request;
import io.atelier.actors.transport.wire.Resource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Serves chunks of what is offered here to whoever asks for them. */
public final class ChunkServer {
  private final Exchange exchange;
  private final Map<Resource, Parcel> offered = new ConcurrentHashMap<>();

  public ChunkServer(Exchange exchange) {
    this.exchange = exchange;
    exchange.handle(
        Frame.Type.REQUEST,
        (frame, now) -> serve(frame.transfer(), Request.decode(frame.payload()), now));
  }

  /** Lets others pull a resource. Thread-safe. */
  public void offer(Resource resource, Parcel parcel) {
    offered.put(resource, parcel);
  }

  /**
   * Sends no more of a resource, then runs an action on the agent thread, after which its memory
   * may change. Thread-safe.
   */
  public void withdraw(Resource resource, Runnable action) {
    Parcel parcel = offered.remove(resource);
    exchange.execute(
        () -> {
          exchange.drop(parcel);
          action.run();
        });
  }

  private void serve(long transfer, Request request, long now) {
    Parcel parcel = offered.get(request.resource());
    if (parcel == null) {
      String reason = "%s has no %s".formatted(exchange.self(), request.resource());
      exchange.send(request.from(), Frame.Type.MISSING, transfer, Missing.encode(reason));
      return;
    }
    Description description = parcel.description();
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
      exchange.send(request.from(), Frame.Type.DESCRIPTION, transfer, description.encode());
    }
    exchange.send(request.from(), new Order(parcel, transfer, ranges), now);
  }
}
