package io.atelier.models.tensor;

import io.atelier.models.files.Contents;
import io.atelier.models.safetensors.SafetensorsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Says when the weights of two networks are the same arrays: the same files, unchanged, read the
 * same way.
 *
 * @param storedFrom bytes from which a matrix of half precision stays as its file has it
 * @param storage what matrices are kept as
 * @param config sizes of the network
 * @param files path, size and time of each
 */
public record WeightsKey(long storedFrom, StorageType storage, Record config, List<String> files) {

  /**
   * @throws SafetensorsException naming a file that cannot be read
   */
  public static WeightsKey of(
      Collection<Path> files, long storedFrom, StorageType storage, Record config) {
    List<String> states = new ArrayList<>();
    for (Path file : files) {
      try {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        states.add(
            "%s %d %s"
                .formatted(file.toRealPath(), attributes.size(), attributes.lastModifiedTime()));
      } catch (IOException e) {
        throw new SafetensorsException(
            "%s cannot be read: %s".formatted(file, Contents.reason(e)), e);
      }
    }
    return new WeightsKey(storedFrom, storage, config, states);
  }
}
