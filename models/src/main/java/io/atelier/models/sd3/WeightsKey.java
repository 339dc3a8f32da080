package io.atelier.models.sd3;

import io.atelier.models.files.Contents;
import io.atelier.models.safetensors.SafetensorsException;
import io.atelier.models.safetensors.TensorSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * Says when the weights of two parts are the same arrays: the same files, unchanged, read the same
 * way.
 *
 * @param storedFrom bytes from which a matrix of half precision stays as its file has it
 * @param config sizes of the part
 * @param files path, size and time of each
 */
record WeightsKey(long storedFrom, Record config, List<String> files) {

  static WeightsKey of(Path folder, String base, long storedFrom, Record config) {
    List<String> files = new ArrayList<>();
    for (String name : TensorSource.files(folder, base)) {
      Path file = folder.resolve(name);
      try {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        files.add(
            "%s %d %s"
                .formatted(file.toRealPath(), attributes.size(), attributes.lastModifiedTime()));
      } catch (IOException e) {
        throw new SafetensorsException(
            "%s cannot be read: %s".formatted(file, Contents.reason(e)), e);
      }
    }
    return new WeightsKey(storedFrom, config, files);
  }
}
