package io.atelier.tests.wire;

import java.lang.reflect.Array;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What values and types consist of, found by reflection alone. */
final class Structure {

  private Structure() {}

  /** A value as text, arrays and all: two values are the same when their texts are. */
  static String text(Object value) {
    if (value instanceof Record) {
      return Arrays.stream(value.getClass().getRecordComponents())
          .map(c -> c.getName() + "=" + text(component(c, value)))
          .collect(Collectors.joining(", ", value.getClass().getName() + "[", "]"));
    }
    if (value instanceof Optional<?> optional) {
      return "optional" + optional.stream().map(Structure::text).toList();
    }
    if (value instanceof List<?> list) {
      return list.stream().map(Structure::text).toList().toString();
    }
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(e -> text(e.getKey()) + ": " + text(e.getValue()))
          .collect(Collectors.joining(", ", "{", "}"));
    }
    if (value.getClass().isArray()) {
      StringBuilder text = new StringBuilder(value.getClass().getComponentType() + "[");
      for (int i = 0; i < Array.getLength(value); i++) {
        text.append(Array.get(value, i)).append(' ');
      }
      return text.append(']').toString();
    }
    return value.toString();
  }

  /** Adds the records and enums that a value holds, and its own. */
  static void collect(Object value, Set<Class<?>> types) {
    if (value instanceof Record) {
      types.add(value.getClass());
      for (RecordComponent component : value.getClass().getRecordComponents()) {
        collect(component(component, value), types);
      }
    } else if (value instanceof Enum<?> constant) {
      types.add(constant.getDeclaringClass());
    } else if (value instanceof Optional<?> optional) {
      optional.ifPresent(v -> collect(v, types));
    } else if (value instanceof Iterable<?> list) {
      list.forEach(v -> collect(v, types));
    } else if (value instanceof Map<?, ?> map) {
      collect(map.keySet(), types);
      collect(map.values(), types);
    }
  }

  /** Adds the records and enums that values of a type can hold, and the type. */
  static void reach(Type type, Set<Class<?>> types) {
    if (type instanceof ParameterizedType generic) {
      boolean container = ((Class<?>) generic.getRawType()).getName().startsWith("java.util.");
      for (Type argument : container ? generic.getActualTypeArguments() : new Type[0]) {
        reach(argument, types);
      }
    } else if (type instanceof Class<?> plain && plain.isSealed()) {
      for (Class<?> member : plain.getPermittedSubclasses()) {
        reach(member, types);
      }
    } else if (type instanceof Class<?> plain
        && (plain.isRecord() || plain.isEnum())
        && types.add(plain)
        && plain.isRecord()) {
      for (RecordComponent component : plain.getRecordComponents()) {
        reach(component.getGenericType(), types);
      }
    }
  }

  /** Components with their types, or constants: what the bytes of a type follow from. */
  static String layout(Class<?> type) {
    return type.isRecord()
        ? Arrays.stream(type.getRecordComponents())
            .map(c -> c.getGenericType().getTypeName() + " " + c.getName())
            .collect(Collectors.joining(", ", "(", ")"))
        : Arrays.stream(type.getEnumConstants())
            .map(constant -> ((Enum<?>) constant).name())
            .collect(Collectors.joining(", ", "{", "}"));
  }

  private static Object component(RecordComponent component, Object value) {
    try {
      return component.getAccessor().invoke(value);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
