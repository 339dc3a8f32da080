package io.atelier.actors.wire;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Output;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Optional values, lists and maps; what is read cannot be changed. */
final class ContainerCodecs {

  private ContainerCodecs() {}

  /** A byte that says whether there is a value, then the value. */
  record OfOptional(ValueCodec value) implements ValueCodec {
    @Override
    public void write(Kryo kryo, Output output, Object object) {
      Optional<?> optional = (Optional<?>) object;
      output.writeBoolean(optional.isPresent());
      optional.ifPresent(present -> value.write(kryo, output, present));
    }

    @Override
    public Object read(Kryo kryo, BoundedInput input) {
      return ScalarCodecs.readBoolean(input)
          ? Optional.of(value.read(kryo, input))
          : Optional.empty();
    }
  }

  /** The number of elements, then these. */
  record OfList(ValueCodec element) implements ValueCodec {
    @Override
    public void write(Kryo kryo, Output output, Object object) {
      List<?> list = (List<?>) object;
      output.writeVarInt(list.size(), true);
      for (Object each : list) {
        element.write(kryo, output, present(each, "a list"));
      }
    }

    @Override
    public Object read(Kryo kryo, BoundedInput input) {
      int count = input.readCount(1);
      List<Object> list = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        list.add(element.read(kryo, input));
      }
      return Collections.unmodifiableList(list);
    }
  }

  /** The number of entries, then key and value of each, in the order of the map. */
  record OfMap(ValueCodec key, ValueCodec value) implements ValueCodec {
    @Override
    public void write(Kryo kryo, Output output, Object object) {
      writeEntries(this, kryo, output, (Map<?, ?>) object);
    }

    @Override
    public Object read(Kryo kryo, BoundedInput input) {
      Map<Object, Object> map = new LinkedHashMap<>();
      readEntries(this, kryo, input, map);
      return Collections.unmodifiableMap(map);
    }
  }

  /** A map in the natural order of its keys. */
  record OfSortedMap(OfMap entries) implements ValueCodec {
    OfSortedMap(ValueCodec key, ValueCodec value) {
      this(new OfMap(key, value));
    }

    @Override
    public void write(Kryo kryo, Output output, Object object) {
      SortedMap<?, ?> map = (SortedMap<?, ?>) object;
      if (map.comparator() != null) {
        throw new WireException("a sorted map with a comparator of its own does not travel");
      }
      writeEntries(entries, kryo, output, map);
    }

    @Override
    public Object read(Kryo kryo, BoundedInput input) {
      SortedMap<Object, Object> map = new TreeMap<>();
      readEntries(entries, kryo, input, map);
      return Collections.unmodifiableSortedMap(map);
    }
  }

  private static void writeEntries(OfMap codec, Kryo kryo, Output output, Map<?, ?> map) {
    output.writeVarInt(map.size(), true);
    map.forEach(
        (key, value) -> {
          codec.key().write(kryo, output, present(key, "the keys of a map"));
          codec.value().write(kryo, output, present(value, "the values of a map"));
        });
  }

  private static void readEntries(
      OfMap codec, Kryo kryo, BoundedInput input, Map<Object, Object> map) {
    int count = input.readCount(2);
    for (int i = 0; i < count; i++) {
      Object key = codec.key().read(kryo, input);
      if (map.put(key, codec.value().read(kryo, input)) != null) {
        throw new WireException("map with two values for %s".formatted(key));
      }
    }
  }

  private static Object present(Object value, String where) {
    if (value == null) {
      throw new WireException("null in %s, which does not travel".formatted(where));
    }
    return value;
  }
}
