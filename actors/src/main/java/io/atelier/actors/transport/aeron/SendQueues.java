package io.atelier.actors.transport.aeron;

import io.aeron.Aeron;
import io.atelier.actors.transport.TransportConfig;
import io.atelier.actors.transport.metrics.Tallies;
import io.atelier.actors.transport.wire.Audience;
import io.atelier.actors.transport.wire.Content;
import io.atelier.actors.transport.wire.NodeName;
import io.atelier.actors.transport.wire.Sealer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/** A send queue for every node that something was sent to lately. Belongs to the agent thread. */
final class SendQueues {
  private static final int MAX_QUEUES = 1_024;

  private final TransportConfig config;
  private final Channels channels;
  private final NodeName self;
  private final Aeron aeron;
  private final Sealer sealer;
  private final LongSupplier clock;
  private final Tallies tallies;
  private final SendBypass sendBypass;
  private final Map<NodeName, SendQueue> queues = new HashMap<>();

  /**
   * @param sealer of this process
   * @param clock in nanoseconds
   * @param sendBypass has the chunks whose payloads are not in the log buffers
   */
  SendQueues(
      TransportConfig config,
      NodeName self,
      Aeron aeron,
      Sealer sealer,
      LongSupplier clock,
      Tallies tallies,
      SendBypass sendBypass) {
    this.config = config;
    this.channels = new Channels(config);
    this.self = self;
    this.aeron = aeron;
    this.sealer = sealer;
    this.clock = clock;
    this.tallies = tallies;
    this.sendBypass = sendBypass;
  }

  /** The queue of a node; null if there are too many nodes. */
  SendQueue to(NodeName node) {
    if (queues.size() >= MAX_QUEUES && !queues.containsKey(node)) {
      return null;
    }
    return queues.computeIfAbsent(
        node,
        to ->
            self.sharesDriverWith(to)
                ? open(channels.shared(), to.session(), Audience.inbox(to.session()), false)
                : open(
                    channels.to(to),
                    Channels.INBOX_STREAM,
                    Audience.inbox(to.session()),
                    channels.isApart(to)));
  }

  /**
   * A queue that is none of these.
   *
   * @param audience that its frames are for
   * @param apart whether the payloads of chunks are not in its log buffer
   */
  SendQueue open(String channel, int stream, Audience audience, boolean apart) {
    return new SendQueue(
        aeron,
        channel,
        stream,
        audience,
        sealer,
        config.stall().toNanos(),
        tallies,
        apart ? Optional.of(sendBypass) : Optional.empty(),
        clock.getAsLong());
  }

  /** Sends of each what fits into a turn; the number of frames. */
  int work(long now) {
    int frames = 0;
    for (SendQueue queue : queues.values()) {
      frames += queue.work(now);
    }
    return frames;
  }

  /** Sends no more of this content, whose memory will be reused. */
  void drop(Content content) {
    queues.values().forEach(queue -> queue.drop(content));
  }

  /**
   * Closes the publications of nodes that nothing was sent to.
   *
   * @param time in nanoseconds
   */
  void closeUnusedSince(long time) {
    queues
        .values()
        .removeIf(
            queue -> {
              boolean idle = queue.isUnusedSince(time);
              if (idle) {
                queue.close();
              }
              return idle;
            });
  }

  void close() {
    queues.values().forEach(SendQueue::close);
  }
}
