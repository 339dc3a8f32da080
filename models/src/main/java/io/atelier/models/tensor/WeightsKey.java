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
 * Key of shared weights: equal for the same files, unchanged, loaded in the same way.
 *
 * @param storedFrom size in bytes from which a half-precision matrix stays in half precision
 * @param storage storage type of matrices
 * @param config sizes of the network
 * @param files path, size and time of each file
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
