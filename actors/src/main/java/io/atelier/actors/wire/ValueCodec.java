package io.atelier.actors.wire;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Output;

/**
 * Writes and reads the values of one declared type, none of which is null. Stateless, so any thread
 * may use it. Every value takes at least one byte: {@link BoundedInput#readCount} relies on it.
 */
interface ValueCodec {

  void write(Kryo kryo, Output output, Object value);

  Object read(Kryo kryo, BoundedInput input);
}
