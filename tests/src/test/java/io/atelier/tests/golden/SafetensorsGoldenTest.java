package io.atelier.tests.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.safetensors.DType;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.safetensors.SafetensorsWriter;
import io.atelier.models.safetensors.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("golden")
class SafetensorsGoldenTest {

  @TempDir Path temporary;

  /** Files of the reference library, read and written again, are the same bytes. */
  @Test
  void shouldWriteTheBytesOfTheReferenceLibrary() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(Golden.path(""))) {
      files = all.filter(path -> path.toString().endsWith(".safetensors")).sorted().toList();
    }
    int compared = 0;
    for (Path path : files) {
      SafetensorsFile file = SafetensorsFile.open(path);
      if (file.metadata().size() > 1) {
        continue; // the reference library writes them in the order of a randomised hash
      }
      SafetensorsWriter writer = new SafetensorsWriter().metadata(file.metadata());
      for (String name : file.names()) {
        TensorInfo info = file.info(name);
        writer.add(name, DType.valueOf(info.dtype()), info.shape(), file.bytes(name));
      }
      Path copy = temporary.resolve("copy.safetensors");
      writer.write(copy);
      assertEquals(Files.size(path), Files.size(copy), path.toString());
      assertArrayEquals(Files.readAllBytes(path), Files.readAllBytes(copy), path.toString());
      compared++;
    }
    assertTrue(compared > 0, "no safetensors file in the golden folder");
  }
}
