package io.atelier.actors.transport.aeron;

import io.aeron.Aeron;
import io.aeron.driver.status.SystemCounterDescriptor;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.agrona.concurrent.status.CountersReader;

/** What a media driver counts since its start. */
public final class DriverCounters {

  /**
   * How much travels, what is lost on the way and sent again, and what stands in each other's way.
   */
  private static final Set<SystemCounterDescriptor> SHOWN =
      EnumSet.of(
          SystemCounterDescriptor.BYTES_SENT,
          SystemCounterDescriptor.BYTES_RECEIVED,
          SystemCounterDescriptor.NAK_MESSAGES_SENT,
          SystemCounterDescriptor.NAK_MESSAGES_RECEIVED,
          SystemCounterDescriptor.RETRANSMITS_SENT,
          SystemCounterDescriptor.LOSS_GAP_FILLS,
          SystemCounterDescriptor.FLOW_CONTROL_UNDER_RUNS,
          SystemCounterDescriptor.FLOW_CONTROL_OVER_RUNS,
          SystemCounterDescriptor.SENDER_FLOW_CONTROL_LIMITS,
          SystemCounterDescriptor.SHORT_SENDS,
          SystemCounterDescriptor.INVALID_PACKETS,
          SystemCounterDescriptor.ERRORS);

  private DriverCounters() {}

  /** All by name, such as {@code nak-messages-sent}. */
  public static Map<String, Long> read(Aeron aeron) {
    CountersReader reader = aeron.countersReader();
    Map<String, Long> counters = new LinkedHashMap<>();
    for (SystemCounterDescriptor counter : SHOWN) {
      String name = counter.name().toLowerCase(Locale.ROOT).replace('_', '-');
      counters.put(name, reader.getCounterValue(counter.id()));
    }
    return counters;
  }
}
