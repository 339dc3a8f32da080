package io.atelier.actors.transport.weights;

import io.atelier.actors.transport.aeron.Participant;
import io.atelier.actors.transport.aeron.TransportAgent;
import io.atelier.actors.transport.transfer.ChunkServer;
import io.atelier.actors.transport.transfer.Pulls;
import io.atelier.actors.transport.wire.Announcement;
import io.atelier.actors.transport.wire.Content;
import io.atelier.actors.transport.wire.Follow;
import io.atelier.actors.transport.wire.Frame;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The streams that this node offers and follows, as the agent sees them, and what they need of it.
 * Belongs to the agent thread, but for what is handed out.
 */
public final class StreamRegistry implements Participant {
  private final TransportAgent agent;
  private final Pulls pulls;
  private final ChunkServer server;
  private final Map<String, Publisher> publishers = new HashMap<>();
  private final List<Follower> followers = new ArrayList<>();

  public StreamRegistry(TransportAgent agent, Pulls pulls, ChunkServer server) {
    this.agent = agent;
    this.pulls = pulls;
    this.server = server;
    agent.handle(Frame.Type.FOLLOW, (frame, now) -> onFollow(Follow.decode(frame.payload()), now));
    agent.handle(
        Frame.Type.ANNOUNCE,
        (frame, now) -> onAnnounced(Announcement.decode(frame.payload()), now));
  }

  TransportAgent agent() {
    return agent;
  }

  Pulls pulls() {
    return pulls;
  }

  ChunkServer server() {
    return server;
  }

  void add(Publisher publisher) {
    publishers.put(publisher.stream(), publisher);
  }

  void remove(Publisher publisher) {
    publishers.remove(publisher.stream(), publisher);
    publisher.close();
  }

  void add(Follower follower) {
    followers.add(follower);
  }

  void remove(Follower follower) {
    followers.remove(follower);
    follower.close();
  }

  @Override
  public int receive(long now) {
    int work = 0;
    for (Follower follower : followers) {
      work += follower.work(now);
    }
    return work;
  }

  @Override
  public int send(long now) {
    int work = 0;
    for (Publisher publisher : publishers.values()) {
      work += publisher.work(now);
    }
    return work;
  }

  @Override
  public void drop(Content content) {
    publishers.values().forEach(publisher -> publisher.drop(content));
  }

  @Override
  public void close() {
    publishers.values().forEach(Publisher::close);
    List.copyOf(followers).forEach(Follower::close);
  }

  private void onFollow(Follow follow, long now) {
    Publisher publisher = publishers.get(follow.stream());
    if (publisher != null) {
      publisher.onFollow(follow.from(), now);
    }
  }

  private void onAnnounced(Announcement announcement, long now) {
    List.copyOf(followers).forEach(follower -> follower.onAnnounced(announcement, now));
  }
}
