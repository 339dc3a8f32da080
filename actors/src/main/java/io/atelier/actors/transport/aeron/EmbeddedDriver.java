package io.atelier.actors.transport.aeron;

import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.atelier.actors.transport.TransportConfig;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.SleepingMillisIdleStrategy;

/**
 * A media driver without a thread of its own: whoever started it lets it work, always on the same
 * thread.
 */
public final class EmbeddedDriver implements AutoCloseable {

  /** How long a process may be stopped, by a signal or a debugger, and go on. */
  public static final long STOPPED_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** Each sends a datagram of every publication, and takes in one from every socket. */
  private static final int TURNS = 4;

  /** Of 128 bytes each, of which a connection to another node takes about 16: for 1,000 nodes. */
  private static final int COUNTER_BYTES = 1 << 21;

  /**
   * With their descriptions, of four times the size, two rings, errors, losses, and some headers.
   */
  public static final long FILE_BYTES = 5L * COUNTER_BYTES + (5 << 20);

  /** Less room than this is told, as an error of the driver. */
  private static final long LOW_BYTES = 4 << 20;

  /** Pause between looks for names that are to be resolved. */
  private static final long RESOLVE_MILLIS = 10;

  private final Sockets sockets;
  private final MediaDriver driver;
  private final AgentInvoker invoker;

  /**
   * @param sockets what is sent by it and received
   */
  public EmbeddedDriver(
      TransportConfig config,
      String directory,
      Sockets sockets,
      ThreadFactory threads,
      ErrorHandler onError) {
    this.sockets = sockets;
    driver =
        MediaDriver.launch(
            new MediaDriver.Context()
                .aeronDirectoryName(directory)
                .dirDeleteOnStart(true)
                .dirDeleteOnShutdown(true)
                .warnIfDirectoryExists(false)
                .threadingMode(ThreadingMode.INVOKER)
                .asyncExecutorThreadFactory(threads)
                .asyncExecutorIdleStrategy(new SleepingMillisIdleStrategy(RESOLVE_MILLIS))
                .sendChannelEndpointSupplier(sockets::sending)
                .receiveChannelEndpointSupplier(sockets::receiving)
                .counterValuesBufferLength(COUNTER_BYTES)
                // a log whose memory is taken when it is made is refused then, by a check of its
                // own; one that takes it later could find none, which ends the process
                .termBufferSparseFile(false)
                .performStorageChecks(true)
                .lowStorageWarningThreshold(LOW_BYTES)
                .socketRcvbufLength(config.socketBytes())
                .socketSndbufLength(config.socketBytes())
                .nakMulticastMaxBackoffNs(TimeUnit.MICROSECONDS.toNanos(500))
                .clientLivenessTimeoutNs(STOPPED_NANOS)
                .publicationUnblockTimeoutNs(2 * STOPPED_NANOS)
                .errorHandler(onError));
    invoker = driver.sharedAgentInvoker();
  }

  /** For its client, which waits for answers by letting it work. */
  public AgentInvoker invoker() {
    return invoker;
  }

  /** Of the thread that lets it work. */
  public SelectorIdleStrategy idleStrategy() {
    return sockets.idleStrategy();
  }

  /** Bytes of messages and chunks that were put on the network. Thread-safe. */
  public long sentBytes() {
    return sockets.sentBytes();
  }

  /** Does what there is to do, for a few datagrams at most: how much it was. */
  public int work() {
    sockets.land(true);
    int turn = invoker.invoke();
    int work = turn;
    sockets.watchAll(false);
    for (int i = 1; i < TURNS && turn > 0; i++) {
      turn = invoker.invoke();
      work += turn;
    }
    // the client may invoke it too, at any time
    sockets.watchAll(true);
    sockets.land(false);
    return work;
  }

  @Override
  public void close() {
    driver.close();
    sockets.idleStrategy().close();
  }
}
