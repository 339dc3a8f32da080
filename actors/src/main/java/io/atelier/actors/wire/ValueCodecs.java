package io.atelier.actors.wire;

import akka.actor.ActorPathExtractor;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.io.Output;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/**
 * Finds the codec of a declared type. What has none is refused here, when a node starts, not when
 * the first message with it is sent.
 */
final class ValueCodecs {

  private final Set<Class<?>> registered;
  private final ValueCodec actorRef;

  ValueCodecs(Set<Class<?>> registered, ActorRefResolver refs) {
    this.registered = registered;
    this.actorRef =
        ScalarCodecs.<ActorRef<?>>codec(
            (output, ref) -> ScalarCodecs.writeText(output, refs.toSerializationFormat(ref)),
            input -> resolve(ScalarCodecs.readText(input), refs));
  }

  /** What is no path is refused here: the resolver would log it and return an actor of its own. */
  private static ActorRef<?> resolve(String path, ActorRefResolver refs) {
    if (ActorPathExtractor.unapply(path).isEmpty()) {
      throw new WireException("\"%s\" is not the path of an actor".formatted(path));
    }
    try {
      return refs.resolveActorRef(path);
    } catch (RuntimeException e) {
      throw new WireException("\"%s\" is not the path of an actor".formatted(path), e);
    }
  }

  /**
   * Returns the codec of a type.
   *
   * @param where the component that has this type, for the error
   */
  ValueCodec of(Type type, String where) {
    if (type instanceof ParameterizedType generic) {
      return ofGeneric(generic, where);
    }
    if (!(type instanceof Class<?> plain)) {
      throw unknown(type, where);
    }
    if (ScalarCodecs.BY_TYPE.containsKey(plain)) {
      return ScalarCodecs.BY_TYPE.get(plain);
    }
    if (plain.isRecord() || plain.isEnum()) {
      requireRegistered(plain, where);
      return new Exact(plain);
    }
    if (plain.isSealed() && plain.isInterface()) {
      requireAllRegistered(plain, where);
      return new Tagged(plain);
    }
    throw unknown(type, where);
  }

  private ValueCodec ofGeneric(ParameterizedType type, String where) {
    Type[] arguments = type.getActualTypeArguments();
    if (type.getRawType() == ActorRef.class) {
      return actorRef;
    }
    if (type.getRawType() == Optional.class) {
      return new ContainerCodecs.OfOptional(of(arguments[0], where));
    }
    if (type.getRawType() == List.class) {
      return new ContainerCodecs.OfList(of(arguments[0], where));
    }
    if (type.getRawType() == Map.class) {
      return new ContainerCodecs.OfMap(of(arguments[0], where), of(arguments[1], where));
    }
    if (type.getRawType() == SortedMap.class) {
      return new ContainerCodecs.OfSortedMap(of(arguments[0], where), of(arguments[1], where));
    }
    throw unknown(type, where);
  }

  private void requireRegistered(Class<?> type, String where) {
    if (!registered.contains(type)) {
      throw new IllegalArgumentException(
          "%s is a %s, which has no id: add it to WireTypes".formatted(where, type.getName()));
    }
  }

  private void requireAllRegistered(Class<?> type, String where) {
    if (type.isSealed()) {
      for (Class<?> member : type.getPermittedSubclasses()) {
        requireAllRegistered(member, where);
      }
    } else {
      requireRegistered(type, where);
    }
  }

  private static IllegalArgumentException unknown(Type type, String where) {
    return new IllegalArgumentException(
        ("%s is a %s, which does not travel; use a record, an enum, a sealed interface of these, a"
                + " number, String, Duration, ActorRef, Optional, List, Map, SortedMap or an array"
                + " of numbers")
            .formatted(where, type.getTypeName()));
  }

  /** Writes the id of a value's type, then the value. */
  static void writeTagged(Kryo kryo, Output output, Object value) {
    output.writeVarInt(registration(kryo, value.getClass()).getId(), true);
    kryo.writeObject(output, value);
  }

  private static Registration registration(Kryo kryo, Class<?> type) {
    Registration registration = kryo.getClassResolver().getRegistration(type);
    if (registration == null) {
      throw new WireException("%s has no id: add it to WireTypes".formatted(type.getName()));
    }
    return registration;
  }

  /** Reads what {@link #writeTagged} wrote, if it is of an expected type. */
  static Object readTagged(Kryo kryo, BoundedInput input, Class<?> expected) {
    int id = input.readVarInt(true);
    Registration registration = kryo.getRegistration(id);
    Class<?> type = registration == null ? null : registration.getType();
    if (type == null || !expected.isAssignableFrom(type)) {
      throw new WireException(
          "type id %s is %s, where a %s was expected"
              .formatted(
                  Integer.toUnsignedString(id),
                  type == null ? "unknown" : type.getName(),
                  expected.getName()));
    }
    return kryo.readObject(input, type);
  }

  /** A value whose class is the declared one. */
  private record Exact(Class<?> type) implements ValueCodec {
    @Override
    public void write(Kryo kryo, Output output, Object value) {
      kryo.writeObject(output, value);
    }

    @Override
    public Object read(Kryo kryo, BoundedInput input) {
      return kryo.readObject(input, type);
    }
  }

  /** A value of one of the classes of a sealed interface. */
  private record Tagged(Class<?> type) implements ValueCodec {
    @Override
    public void write(Kryo kryo, Output output, Object value) {
      writeTagged(kryo, output, value);
    }

    @Override
    public Object read(Kryo kryo, BoundedInput input) {
      return readTagged(kryo, input, type);
    }
  }
}
