package io.atelier.actors.wire;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;

/** An enum constant as its place in the declaration. */
final class EnumCodec extends Serializer<Enum<?>> {

  private final Object[] constants;

  EnumCodec(Class<?> type) {
    super(false, true);
    constants = type.getEnumConstants();
  }

  @Override
  public void write(Kryo kryo, Output output, Enum<?> value) {
    output.writeVarInt(value.ordinal(), true);
  }

  @Override
  public Enum<?> read(Kryo kryo, Input input, Class<? extends Enum<?>> type) {
    int ordinal = input.readVarInt(true);
    if (ordinal < 0 || ordinal >= constants.length) {
      throw new WireException(
          "%s has no constant %d: 0 to %d"
              .formatted(type.getName(), ordinal, constants.length - 1));
    }
    return (Enum<?>) constants[ordinal];
  }
}
