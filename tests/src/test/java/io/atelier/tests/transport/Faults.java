package io.atelier.tests.transport;

import io.aeron.driver.DataPacketDispatcher;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.driver.media.ReceiveChannelEndpoint;
import io.aeron.driver.media.SendChannelEndpoint;
import io.aeron.driver.media.UdpChannel;
import io.aeron.protocol.DataHeaderFlyweight;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.NoOpIdleStrategy;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * A media driver whose packets get lost, come twice, late or damaged on their way in, by a seed; it
 * counts what it did to them.
 */
final class Faults implements AutoCloseable {

  /** Shares of the packets, in percent. */
  record Rates(int lost, int doubled, int late, int damaged) {}

  private final Rates rates;
  private final SplittableRandom random;
  private final MediaDriver driver;
  final AtomicInteger lost = new AtomicInteger();
  final AtomicInteger lostOnExit = new AtomicInteger();
  final AtomicInteger doubled = new AtomicInteger();
  final AtomicInteger late = new AtomicInteger();
  final AtomicInteger damaged = new AtomicInteger();

  /** What passes before each packet is looked at; may be changed at any time. */
  volatile IdleStrategy slow = NoOpIdleStrategy.INSTANCE;

  Faults(Rates rates, long seed) throws IOException {
    this.rates = rates;
    this.random = new SplittableRandom(seed);
    Path folder = Files.createTempDirectory("atelier-faults");
    this.driver =
        MediaDriver.launch(
            new MediaDriver.Context()
                .aeronDirectoryName(folder.toString())
                .dirDeleteOnStart(true)
                .dirDeleteOnShutdown(true)
                .warnIfDirectoryExists(false)
                .threadingMode(ThreadingMode.SHARED)
                .sharedIdleStrategy(new SleepingMillisIdleStrategy(1))
                .publicationTermBufferLength(1 << 18)
                .nakMulticastMaxBackoffNs(500_000)
                .sendChannelEndpointSupplier(Exit::new)
                .receiveChannelEndpointSupplier(Endpoint::new));
  }

  String directory() {
    return driver.aeronDirectoryName();
  }

  @Override
  public void close() {
    driver.close();
  }

  private boolean happens(int percent) {
    return percent > 0 && random.nextInt(100) < percent;
  }

  /** Loses what goes out, so that receivers with another driver have to do with it. */
  private final class Exit extends SendChannelEndpoint {
    Exit(UdpChannel channel, AtomicCounter status, MediaDriver.Context context) {
      super(channel, status, context);
    }

    @Override
    public int send(ByteBuffer buffer) {
      if (happens(rates.lost())) {
        lostOnExit.incrementAndGet();
        return buffer.remaining();
      }
      if (happens(rates.doubled())) {
        super.send(buffer.duplicate());
      }
      return super.send(buffer);
    }
  }

  /** Runs on the driver's one thread. */
  private final class Endpoint extends ReceiveChannelEndpoint {
    private static final int BIG = 2_000;

    private final DataHeaderFlyweight heldHeader = new DataHeaderFlyweight();
    private final UnsafeBuffer held = new UnsafeBuffer(new byte[1 << 16]);
    private int heldLength;

    Endpoint(
        UdpChannel channel,
        DataPacketDispatcher dispatcher,
        AtomicCounter status,
        MediaDriver.Context context) {
      super(channel, dispatcher, status, context);
    }

    @Override
    public int onDataPacket(
        DataHeaderFlyweight header,
        UnsafeBuffer buffer,
        int length,
        InetSocketAddress source,
        int transport) {
      slow.idle();
      if (happens(rates.lost())) {
        lost.incrementAndGet();
        return 0;
      }
      if (length > BIG && happens(rates.damaged())) {
        damaged.incrementAndGet();
        int at = length - 1 - random.nextInt(BIG / 2);
        buffer.putByte(at, (byte) ~buffer.getByte(at));
      }
      if (heldLength == 0 && happens(rates.late())) {
        late.incrementAndGet();
        held.putBytes(0, buffer, 0, length);
        heldLength = length;
        return 0;
      }
      int bytes = super.onDataPacket(header, buffer, length, source, transport);
      if (happens(rates.doubled())) {
        doubled.incrementAndGet();
        super.onDataPacket(header, buffer, length, source, transport);
      }
      if (heldLength > 0) {
        heldHeader.wrap(held, 0, heldLength);
        bytes += super.onDataPacket(heldHeader, held, heldLength, source, transport);
        heldLength = 0;
      }
      return bytes;
    }
  }
}
