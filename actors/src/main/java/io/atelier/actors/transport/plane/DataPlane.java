package io.atelier.actors.transport.plane;

import static io.atelier.actors.transport.TransportLog.LOG;

import io.aeron.Aeron;
import io.aeron.Subscription;
import io.atelier.actors.transport.HostLimitException;
import io.atelier.actors.transport.RunKey;
import io.atelier.actors.transport.TransportConfig;
import io.atelier.actors.transport.WeightCodec;
import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.transport.aeron.Channels;
import io.atelier.actors.transport.aeron.DriverCounters;
import io.atelier.actors.transport.aeron.EmbeddedDriver;
import io.atelier.actors.transport.aeron.LogSizes;
import io.atelier.actors.transport.aeron.Network;
import io.atelier.actors.transport.aeron.ReceiveBypass;
import io.atelier.actors.transport.aeron.SendBypass;
import io.atelier.actors.transport.aeron.SharedDriver;
import io.atelier.actors.transport.aeron.SocketLimits;
import io.atelier.actors.transport.aeron.Sockets;
import io.atelier.actors.transport.aeron.TransportAgent;
import io.atelier.actors.transport.blob.NetworkBlobStore;
import io.atelier.actors.transport.shm.MemoryFolder;
import io.atelier.actors.transport.shm.MemoryNeed;
import io.atelier.actors.transport.transfer.ChunkServer;
import io.atelier.actors.transport.transfer.Pulls;
import io.atelier.actors.transport.weights.StreamRegistry;
import io.atelier.actors.transport.weights.WeightStreams;
import io.atelier.actors.transport.wire.NodeName;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.agrona.CloseHelper;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.NanoClock;

/**
 * Bytes between the nodes of a run: blobs by reference, weights by version. One for each process;
 * it has an inbox at a UDP port, and one thread that polls it. Thread-safe.
 *
 * <p>That thread runs the media driver too, if there is none yet: what it writes into a log buffer
 * it sends before it leaves the cache of its core, and on two cores a sender and a receiver do not
 * take turns with their drivers.
 *
 * <p>Every frame is sealed with the key of the run, for the session of its receiver; what is not is
 * dropped and counted, without an answer.
 */
public final class DataPlane implements AutoCloseable {
  private static final long START_NANOS = 10_000_000_000L;
  private static final long CLOSE_SECONDS = 10;

  /** Logs of connections that memory is kept for. */
  private static final int LOGS = 4;

  private final MemoryFolder folder;
  private final EmbeddedDriver driver;
  private final Aeron aeron;
  private final TransportAgent agent;
  private final AgentRunner runner;
  private final Thread thread;
  private final ExecutorService delivery;
  private final NetworkBlobStore blobs;
  private final WeightStreams streams;

  private DataPlane(
      TransportConfig config,
      MemoryFolder folder,
      ReceiveBypass receiveBypass,
      SendBypass sendBypass,
      EmbeddedDriver driver,
      Aeron aeron) {
    this.folder = folder;
    this.driver = driver;
    this.aeron = aeron;
    NanoClock clock = aeron.context().nanoClock();
    IntSupplier drive = drive(driver, aeron);
    Channels channels = new Channels(config);
    Subscription inbox = aeron.addSubscription(channels.inbox(), Channels.INBOX_STREAM);
    int shared = driver == null ? SharedDriver.number(aeron) : 0;
    NodeName self = NodeName.fresh(config.host(), port(inbox, drive, clock), shared);
    List<Subscription> inboxes =
        shared == 0
            ? List.of(inbox)
            : List.of(inbox, aeron.addSubscription(channels.shared(), self.session()));
    this.delivery = Executors.newSingleThreadExecutor(DataPlane::deliveryThread);
    this.agent =
        new TransportAgent(
            config,
            self,
            aeron,
            inboxes,
            drive,
            receiveBypass,
            sendBypass,
            clock,
            delivery,
            this::wake);
    Pulls pulls = new Pulls(agent);
    ChunkServer server = new ChunkServer(agent);
    this.blobs = new NetworkBlobStore(agent, pulls, server);
    StreamRegistry registry = new StreamRegistry(agent, pulls, server);
    this.streams = new WeightStreams(registry, folder.path(), need(config).connections());
    agent.add(blobs); // closes last: nobody reads or writes its memory any more
    // broadcasts are polled before pulls look for what is missing; on close the pulls fail first,
    // so that whoever waits for one is told why
    agent.add(registry);
    agent.add(pulls);
    IdleStrategy idle = driver == null ? backoff() : driver.idleStrategy();
    this.runner = new AgentRunner(idle, DataPlane::onError, null, agent);
    this.thread = AgentRunner.startOnThread(runner, DataPlane::daemon);
  }

  /**
   * Starts the media driver, unless one runs already, and listens.
   *
   * @throws HostLimitException if the machine's limits do not suffice
   * @throws IllegalStateException if the port is taken
   */
  public static DataPlane start(TransportConfig config) {
    return start(config, Network.DIRECT);
  }

  /**
   * The same over a network that a test makes; a media driver that runs already does not know it.
   */
  public static DataPlane start(TransportConfig config, Network network) {
    MemoryFolder folder = null;
    ReceiveBypass receiveBypass = new ReceiveBypass();
    SendBypass sendBypass = new SendBypass(LogSizes.apart(config));
    EmbeddedDriver driver = null;
    Aeron aeron = null;
    try {
      SocketLimits.require(config);
      folder = MemoryFolder.create(need(config));
      String directory = config.driverDirectory();
      if (directory.isEmpty()) {
        directory = folder.path().resolve("driver").toString();
        Sockets sockets = new Sockets(receiveBypass, sendBypass, network);
        driver =
            new EmbeddedDriver(config, directory, sockets, DataPlane::daemon, DataPlane::onError);
      }
      aeron = Aeron.connect(client(directory, driver));
      return new DataPlane(config, folder, receiveBypass, sendBypass, driver, aeron);
    } catch (InternalError e) { // memory of a mapped file that was not there: others were faster
      CloseHelper.quietCloseAll(aeron, driver, folder);
      throw new HostLimitException(
          "%s became full while the data plane started; %s"
              .formatted(MemoryFolder.parent(), MemoryNeed.remedy(MemoryFolder.parent())),
          e);
    } catch (HostLimitException e) {
      CloseHelper.quietCloseAll(aeron, driver, folder);
      throw e;
    } catch (RuntimeException e) {
      CloseHelper.quietCloseAll(aeron, driver, folder);
      throw new IllegalStateException(
          "the data plane cannot start (%s): %s".formatted(config, e.getMessage()), e);
    }
  }

  /**
   * What the file system of connections and weights has free.
   *
   * @throws HostLimitException if that is not enough to start
   */
  public static String room(TransportConfig config) {
    return need(config).require(MemoryFolder.parent());
  }

  private static MemoryNeed need(TransportConfig config) {
    if (!config.driverDirectory().isEmpty()) {
      return new MemoryNeed(0, 0); // another process makes its files
    }
    long log = 3L * LogSizes.apart(config).term();
    return new MemoryNeed(EmbeddedDriver.FILE_BYTES, LOGS * log);
  }

  private static Aeron.Context client(String directory, EmbeddedDriver driver) {
    return new Aeron.Context()
        .aeronDirectoryName(directory)
        .useConductorAgentInvoker(driver != null)
        .driverAgentInvoker(driver == null ? null : driver.invoker())
        .driverTimeoutMs(TimeUnit.NANOSECONDS.toMillis(EmbeddedDriver.STOPPED_NANOS))
        .threadFactory(DataPlane::daemon)
        .errorHandler(DataPlane::onError);
  }

  /** Lets a driver of this process and its client do what there is to do: how much it was. */
  private static IntSupplier drive(EmbeddedDriver driver, Aeron aeron) {
    if (driver == null) {
      return () -> 0;
    }
    AgentInvoker client = aeron.conductorAgentInvoker();
    return () -> driver.work() + client.invoke();
  }

  /** Unparks the agent thread. For any thread. */
  private void wake() {
    if (driver == null) {
      LockSupport.unpark(thread);
    } else {
      driver.idleStrategy().wake();
    }
  }

  private static IdleStrategy backoff() {
    return new BackoffIdleStrategy(10, 5, 1_000, 1_000_000);
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work);
    thread.setDaemon(true);
    return thread;
  }

  private static Thread deliveryThread(Runnable work) {
    Thread thread = daemon(work);
    thread.setName("data-plane-delivery");
    return thread;
  }

  private static void onError(Throwable error) {
    LOG.error("data plane: {}", error.getMessage(), error);
  }

  /** The port at which the inbox listens, once it does. */
  private static int port(Subscription inbox, IntSupplier drive, NanoClock clock) {
    IdleStrategy wait = backoff();
    long start = clock.nanoTime();
    String endpoint = inbox.resolvedEndpoint();
    while (endpoint == null) {
      if (clock.nanoTime() - start > START_NANOS) {
        throw new IllegalStateException("the media driver does not answer");
      }
      wait.idle(drive.getAsInt());
      endpoint = inbox.resolvedEndpoint();
    }
    return Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1));
  }

  /** Name of this node, {@code host:port/session}: all that others need to reach it. */
  public String node() {
    return agent.self().toString();
  }

  /** What all nodes of the run seal frames with from now on, and accept nothing without. */
  public void key(RunKey shared) {
    agent.key(shared);
  }

  public NetworkBlobStore blobs() {
    return blobs;
  }

  /**
   * A stream that is published here.
   *
   * @param name at most 119 bytes of UTF-8, not empty
   * @param maxVersions held at once, 1 to 64
   * @throws IllegalStateException if it is published already
   */
  public <W> WeightStream<W> publisher(String name, WeightCodec<W> codec, int maxVersions) {
    return streams.publisher(name, codec, maxVersions);
  }

  /**
   * A stream that {@code publisherNode} publishes; if that is this node, the published stream
   * itself. It fetches the newest version by itself, and holds a version until the publisher
   * retires it. Asking again gives the same stream, until it is closed.
   *
   * @throws IllegalStateException if it should be published here and is not
   */
  public <W> WeightStream<W> receiver(String name, String publisherNode, WeightCodec<W> codec) {
    return streams.receiver(name, publisherNode, codec);
  }

  /** What was sent, received and refused since the start, by name. */
  public Map<String, Long> counters() {
    return agent.tallies().asMap();
  }

  /** What the media driver counted since its start, by name, such as {@code nak-messages-sent}. */
  public Map<String, Long> driverCounters() {
    Map<String, Long> counters = DriverCounters.read(aeron);
    if (driver != null) {
      // what the driver counts is the length in its log buffers
      counters.put("bytes-sent", driver.sentBytes());
    }
    return counters;
  }

  /** Fails what is under way, and deletes the folder of a media driver that was started here. */
  @Override
  public void close() {
    runner.close();
    delivery.shutdown();
    try {
      if (!delivery.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("a transfer is still being handed over");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    CloseHelper.closeAll(aeron, driver, folder);
  }
}
