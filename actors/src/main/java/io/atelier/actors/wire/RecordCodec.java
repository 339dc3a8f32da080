package io.atelier.actors.wire;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;

/**
 * A record as its components, in the order of declaration, each by its declared type. Reading goes
 * through the canonical constructor, so a record's own rules hold for what arrives. A record
 * without components is one byte.
 */
final class RecordCodec extends Serializer<Record> {

  private final Constructor<? extends Record> constructor;
  private final RecordComponent[] components;
  private final List<ValueCodec> codecs;

  RecordCodec(Class<? extends Record> type, ValueCodecs values) {
    super(false, true);
    components = type.getRecordComponents();
    constructor = constructor(type, components);
    codecs =
        Arrays.stream(components)
            .map(c -> values.of(c.getGenericType(), type.getName() + "." + c.getName()))
            .toList();
  }

  private static Constructor<? extends Record> constructor(
      Class<? extends Record> type, RecordComponent[] components) {
    Class<?>[] parameters =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      return type.getConstructor(parameters);
    } catch (NoSuchMethodException e) {
      throw new IllegalArgumentException(
          "%s travels between nodes, so it and its constructor must be public"
              .formatted(type.getName()),
          e);
    }
  }

  @Override
  public void write(Kryo kryo, Output output, Record value) {
    if (components.length == 0) {
      output.writeByte(0);
    }
    for (int i = 0; i < components.length; i++) {
      Object component = component(i, value);
      if (component == null) {
        throw new WireException(
            "%s.%s is null, which does not travel"
                .formatted(value.getClass().getName(), components[i].getName()));
      }
      codecs.get(i).write(kryo, output, component);
    }
  }

  private Object component(int i, Record value) {
    try {
      return components[i].getAccessor().invoke(value);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new WireException(
          "cannot read %s.%s".formatted(value.getClass().getName(), components[i].getName()), e);
    }
  }

  @Override
  public Record read(Kryo kryo, Input input, Class<? extends Record> type) {
    BoundedInput frame = (BoundedInput) input;
    if (components.length == 0 && frame.readByte() != 0) {
      throw new WireException("%s has no components".formatted(type.getName()));
    }
    Object[] values = new Object[components.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = codecs.get(i).read(kryo, frame);
    }
    try {
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      throw new WireException(
          "not a %s: %s".formatted(type.getName(), e.getCause().getMessage()), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new WireException("cannot make a %s".formatted(type.getName()), e);
    }
  }
}
