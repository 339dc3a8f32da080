package io.atelier.tests.models;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.safetensors.SafetensorsWriter;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.tests.golden.Golden;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A copy of a small pipeline of the golden set that a test changes. */
public final class PipelineCopy {

  private static final JsonMapper JSON = new JsonMapper();

  /** A tensor while a file is being changed. */
  public record Values(long[] shape, float[] values) {}

  private final Path root;

  private PipelineCopy(Path root) {
    this.root = root;
  }

  public static PipelineCopy of(String pipeline, Path target) {
    Path source = Golden.path(pipeline);
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = target.resolve(source.relativize(file).toString());
        if (!source.relativize(file).startsWith("expected")) {
          Files.createDirectories(copy.getParent());
          Files.copy(file, copy);
        }
      }
      return new PipelineCopy(target);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Path root() {
    return root;
  }

  PipelineFolder folder() {
    return new PipelineFolder(root);
  }

  /** Sets a key of a JSON file to a value, which is JSON itself; none takes the key out. */
  public PipelineCopy set(String file, String key, String json) {
    try {
      ObjectNode content = (ObjectNode) JSON.readTree(root.resolve(file).toFile());
      if (json.isEmpty()) {
        content.remove(key);
      } else {
        content.set(key, JSON.readTree(json));
      }
      JSON.writeValue(root.resolve(file).toFile(), content);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public PipelineCopy write(String file, String text) {
    try {
      Files.writeString(root.resolve(file), text);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public PipelineCopy rename(String file, String name) {
    try {
      Files.move(root.resolve(file), root.resolve(file).resolveSibling(name));
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes a file or a folder away. */
  public PipelineCopy without(String part) {
    try (Stream<Path> below = Files.walk(root.resolve(part))) {
      for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Changes the tensors of a file of weights. */
  public PipelineCopy tensors(String file, Consumer<Map<String, Values>> change) {
    SafetensorsFile source = SafetensorsFile.open(root.resolve(file));
    Map<String, Values> tensors = new TreeMap<>();
    for (String name : source.names()) {
      tensors.put(name, new Values(source.info(name).shape(), source.floats(name)));
    }
    change.accept(tensors);
    SafetensorsWriter writer = new SafetensorsWriter();
    tensors.forEach((name, tensor) -> writer.add(name, tensor.shape(), tensor.values()));
    writer.write(root.resolve(file));
    return this;
  }
}
