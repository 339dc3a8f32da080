package io.atelier.actors.wire;

import akka.actor.ExtendedActorSystem;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.SerializationExtension;
import akka.serialization.SerializerWithStringManifest;
import io.atelier.actors.protocol.WireMessage;
import java.io.NotSerializableException;
import java.util.concurrent.atomic.LongAdder;

/**
 * Akka's way to the {@link WireFormat}. What it refuses, Akka drops and logs, naming the address it
 * came from, and tells nobody: hence the counters.
 */
public final class KryoSerializer extends SerializerWithStringManifest {

  /** Among the serializers of a node; Akka keeps those up to 40. */
  private static final int IDENTIFIER = 5_600;

  private static final String MANIFEST = "atelier/" + WireTypes.VERSION;

  /** Of a frame, what Akka may use for recipient, sender and manifest. */
  private static final int ENVELOPE_BYTES = 8 * 1024;

  private final WireFormat format;
  private final LongAdder refusedMessages = new LongAdder();
  private final LongAdder refusedFrames = new LongAdder();

  /** Called by Akka. */
  public KryoSerializer(ExtendedActorSystem system) {
    long frame =
        system.settings().config().getBytes("akka.remote.artery.advanced.maximum-frame-size");
    format =
        new WireFormat(
            WireTypes.byId(),
            ActorRefResolver.get(Adapter.toTyped(system)),
            Math.toIntExact(frame) - ENVELOPE_BYTES);
  }

  /** Returns the one of an actor system. */
  public static KryoSerializer of(ActorSystem<?> system) {
    try {
      return (KryoSerializer)
          SerializationExtension.get(Adapter.toClassic(system)).serializerFor(WireMessage.class);
    } catch (NotSerializableException e) {
      throw new IllegalStateException(
          system.name() + " has no serializer for messages: load io/atelier/actors/cluster.conf",
          e);
    }
  }

  /** Messages that this node could not send since it started. */
  public long refusedMessages() {
    return refusedMessages.sum();
  }

  /** Frames from other nodes that were no message, since this one started. */
  public long refusedFrames() {
    return refusedFrames.sum();
  }

  /** Bytes that a message may have. */
  public int limit() {
    return format.limit();
  }

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object message) {
    return MANIFEST;
  }

  @Override
  public byte[] toBinary(Object message) {
    try {
      return format.encode((WireMessage) message);
    } catch (WireException e) {
      refusedMessages.increment();
      throw e;
    }
  }

  @Override
  public Object fromBinary(byte[] frame, String manifest) {
    try {
      if (!manifest.equals(MANIFEST)) {
        throw new WireException(
            "the sender speaks \"%s\" and this node \"%s\": run one version of Atelier on all nodes"
                .formatted(manifest, MANIFEST));
      }
      return format.decode(frame);
    } catch (WireException e) {
      refusedFrames.increment();
      throw e;
    }
  }
}
