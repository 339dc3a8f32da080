package io.atelier.actors.transport.aeron;

import io.aeron.Aeron;
import io.aeron.CncFileDescriptor;
import java.nio.MappedByteBuffer;
import java.util.Objects;
import org.agrona.IoUtil;
import org.agrona.concurrent.UnsafeBuffer;

/** A media driver that runs beside this process, and that other processes may use too. */
public final class SharedDriver {

  private SharedDriver() {}

  /** What tells one running media driver of this machine from another; never 0. */
  public static int number(Aeron aeron) {
    MappedByteBuffer file = IoUtil.mapExistingFile(aeron.context().cncFile(), "driver");
    try {
      UnsafeBuffer about = CncFileDescriptor.createMetaDataBuffer(file);
      long started = CncFileDescriptor.startTimestampMs(about);
      return Objects.hash(CncFileDescriptor.pid(about), started) | 1;
    } finally {
      IoUtil.unmap(file);
    }
  }
}
