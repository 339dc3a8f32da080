package io.atelier.models.safetensors;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.files.FileException;
import io.atelier.models.files.JsonFile;
import io.atelier.models.files.NearestName;
import java.nio.ByteBuffer;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Tensors spread over several safetensors files, with an index {@code NAME.safetensors.index.json}
 * next to them, whose {@code weight_map} gives the file of every tensor. All files are opened, and
 * every tensor of the index is looked up in its file, before the first is read.
 */
public final class SafetensorsIndex implements TensorSource {

  private final Path path;
  private final SortedMap<String, SafetensorsFile> shardOf;

  private SafetensorsIndex(Path path, SortedMap<String, SafetensorsFile> shardOf) {
    this.path = path;
    this.shardOf = shardOf;
  }

  public static SafetensorsIndex open(Path index) {
    JsonNode weights = weightMap(index);
    if (!weights.isObject() || weights.isEmpty()) {
      throw new SafetensorsException("%s has no \"weight_map\" with tensors".formatted(index));
    }
    Map<String, SafetensorsFile> files = new TreeMap<>();
    SortedMap<String, SafetensorsFile> shardOf = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : weights.properties()) {
      String file = entry.getValue().asText();
      if (!entry.getValue().isTextual() || !isFileName(index, file)) {
        throw new SafetensorsException(
            "%s: tensor \"%s\" is said to be in %s, which is not the name of a file beside the index"
                .formatted(index, entry.getKey(), entry.getValue()));
      }
      SafetensorsFile shard =
          files.computeIfAbsent(file, name -> SafetensorsFile.open(index.resolveSibling(name)));
      shard.info(entry.getKey());
      shardOf.put(entry.getKey(), shard);
    }
    return new SafetensorsIndex(index, shardOf);
  }

  /** Names of the files in an index, which may be missing. */
  static Set<String> shards(Path index) {
    Set<String> files = new TreeSet<>();
    weightMap(index).forEach(file -> files.add(file.asText()));
    return files;
  }

  private static JsonNode weightMap(Path index) {
    try {
      return JsonFile.read(index).get("weight_map");
    } catch (FileException e) {
      throw new SafetensorsException(e.getMessage(), e);
    }
  }

  /** An index must not point outside its folder. */
  private static boolean isFileName(Path index, String file) {
    try {
      Path path = index.getFileSystem().getPath(file);
      return path.getNameCount() == 1
          && !path.isAbsolute()
          && !file.isEmpty()
          && !file.equals(".")
          && !file.equals("..");
    } catch (InvalidPathException e) {
      return false;
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(shardOf.keySet());
  }

  private SafetensorsFile shard(String name) {
    SafetensorsFile shard = shardOf.get(name);
    if (shard == null) {
      throw new SafetensorsException(
          "%s has no tensor \"%s\"; nearest of its %d: %s"
              .formatted(
                  path, name, shardOf.size(), String.join(", ", NearestName.to(name, names(), 3))));
    }
    return shard;
  }

  /** As {@link TensorSource#info}; offsets are within the tensor's own file. */
  @Override
  public TensorInfo info(String name) {
    return shard(name).info(name);
  }

  @Override
  public ByteBuffer bytes(String name) {
    return shard(name).bytes(name);
  }

  @Override
  public float[] floats(String name) {
    return shard(name).floats(name);
  }

  @Override
  public OptionalLong firstFrom(String name, float magnitude) {
    return shard(name).firstFrom(name, magnitude);
  }

  @Override
  public long[] longs(String name) {
    return shard(name).longs(name);
  }
}
