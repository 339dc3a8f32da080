package io.atelier.models.state;

import io.atelier.models.safetensors.SafetensorsException;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.safetensors.SafetensorsWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Named tensors as safetensors files that carry the hash of their content. */
public final class TensorFiles {

  /** Metadata key of {@link NamedTensors#contentHash}. */
  public static final String HASH = "atelier.sha256";

  private TensorFiles() {}

  /**
   * Writes {@code tensors} with their hash to {@code file}, atomically.
   *
   * @param metadata additional header entries, such as a format version or a step
   */
  public static void save(Path file, NamedTensors tensors, Map<String, String> metadata) {
    SafetensorsWriter writer = new SafetensorsWriter().metadata(metadata);
    writer.metadata(Map.of(HASH, tensors.contentHash()));
    tensors.asMap().forEach((name, tensor) -> writer.add(name, tensor.shape(), tensor.values()));
    writer.write(file);
  }

  /**
   * Reads all tensors of {@code file}, which must be floating-point; checks their hash if the file
   * has one.
   */
  public static NamedTensors load(Path file) {
    SafetensorsFile source = SafetensorsFile.read(file);
    Map<String, NamedTensors.Tensor> tensors = new HashMap<>();
    for (String name : source.names()) {
      tensors.put(
          name, new NamedTensors.Tensor(source.info(name).shape().clone(), source.floats(name)));
    }
    NamedTensors loaded = new NamedTensors(tensors);
    String expected = source.metadata().get(HASH);
    if (expected != null && !expected.equals(loaded.contentHash())) {
      throw new SafetensorsException(
          ("%s is damaged: its tensors have the hash %s, its header says %s;"
                  + " take another copy or an older checkpoint")
              .formatted(file, loaded.contentHash(), expected));
    }
    return loaded;
  }
}
