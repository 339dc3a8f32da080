package io.atelier.actors.wire;

import akka.actor.typed.ActorRefResolver;
import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.KryoBufferOverflowException;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.util.Pool;
import io.atelier.actors.protocol.WireMessage;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/**
 * Messages as bytes. Only types with an id travel, in either direction, and whatever is wrong with
 * a message or a frame is a {@link WireException}. Any number of threads may use one format.
 */
public final class WireFormat {

  /** Records within records; a message of the framework has four. */
  private static final int DEPTH = 16;

  /** Idle Kryos kept: as many as threads of a dispatcher that serialize at once. */
  private static final int IDLE = 64;

  private static final int TYPICAL_BYTES = 512;

  private final SortedMap<Integer, Class<?>> types;
  private final Map<Class<?>, Serializer<?>> serializers = new HashMap<>();
  private final int limit;
  private final Pool<Kryo> kryos =
      new Pool<>(true, false, IDLE) {
        @Override
        protected Kryo create() {
          return kryo();
        }
      };

  /**
   * @param types records and enums that may travel, by id
   * @param refs turns actors into paths and back
   * @param limit bytes that a message may have
   */
  public WireFormat(SortedMap<Integer, Class<?>> types, ActorRefResolver refs, int limit) {
    this.types = types;
    this.limit = limit;
    ValueCodecs values = new ValueCodecs(Set.copyOf(types.values()), refs);
    types.values().forEach(type -> serializers.put(type, serializer(type, values)));
  }

  private static Serializer<?> serializer(Class<?> type, ValueCodecs values) {
    if (type.isRecord()) {
      return new RecordCodec(type.asSubclass(Record.class), values);
    }
    if (type.isEnum()) {
      return new EnumCodec(type);
    }
    throw new IllegalArgumentException(
        "%s has an id, but only a record or an enum travels".formatted(type.getName()));
  }

  private Kryo kryo() {
    Kryo kryo = new Kryo();
    kryo.setRegistrationRequired(true);
    kryo.setReferences(false);
    kryo.setMaxDepth(DEPTH);
    types.forEach((id, type) -> kryo.register(type, serializers.get(type), id));
    return kryo;
  }

  /** Bytes that a message may have. */
  public int limit() {
    return limit;
  }

  /** Returns the bytes of a message, at most {@link #limit}. */
  public byte[] encode(WireMessage message) {
    Kryo kryo = kryos.obtain();
    try {
      Output output = new Output(Math.min(TYPICAL_BYTES, limit), limit);
      ValueCodecs.writeTagged(kryo, output, message);
      return output.toBytes();
    } catch (KryoBufferOverflowException e) {
      throw new WireException(
          "%s takes %d bytes, over the limit of %d: let it name a blob instead"
              .formatted(message.getClass().getName(), length(kryo, message), limit),
          e);
    } catch (KryoException e) {
      throw new WireException(
          "cannot send a %s: %s".formatted(message.getClass().getName(), e.getMessage()), e);
    } finally {
      kryos.free(kryo);
    }
  }

  private static long length(Kryo kryo, WireMessage message) {
    Output counter = new Output(OutputStream.nullOutputStream(), TYPICAL_BYTES);
    ValueCodecs.writeTagged(kryo, counter, message);
    return counter.total();
  }

  /** Returns the message of a frame, all of whose bytes belong to it. */
  public WireMessage decode(byte[] frame) {
    if (frame.length > limit) {
      throw new WireException(
          "frame of %d bytes, over the limit of %d".formatted(frame.length, limit));
    }
    Kryo kryo = kryos.obtain();
    try {
      BoundedInput input = new BoundedInput(frame);
      WireMessage message = (WireMessage) ValueCodecs.readTagged(kryo, input, WireMessage.class);
      if (input.left() > 0) {
        throw new WireException(
            "%d bytes behind a %s that ends after %d"
                .formatted(input.left(), message.getClass().getName(), input.position()));
      }
      return message;
    } catch (KryoException e) {
      throw new WireException("frame that is no message: " + e.getMessage(), e);
    } finally {
      kryos.free(kryo);
    }
  }
}
