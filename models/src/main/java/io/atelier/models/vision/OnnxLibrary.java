package io.atelier.models.vision;

import ai.onnxruntime.OrtEnvironment;
import io.atelier.models.cache.CacheFolder;
import io.atelier.models.cache.Unpacked;
import java.net.URL;
import java.nio.file.Path;
import java.util.Locale;

/** The native library of onnxruntime. */
final class OnnxLibrary {

  private static final String LIBRARY_FOLDER = "onnxruntime.native.path";

  private OnnxLibrary() {}

  /**
   * Makes onnxruntime load its library from the cache. By default each process writes 21 MB into a
   * new temporary folder, which is left behind if the process is killed.
   */
  static synchronized void unpack() {
    if (System.getProperty(LIBRARY_FOLDER) != null) {
      return;
    }
    String name = System.mapLibraryName("onnxruntime");
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String place =
        "/ai/onnxruntime/native/%s-%s/%s"
            .formatted(
                os.contains("linux") ? "linux" : os.contains("mac") ? "osx" : "win",
                System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x64",
                name);
    URL library = OrtEnvironment.class.getResource(place);
    if (library != null) { // builds for other systems load it differently
      Path folder = Unpacked.folder(library, CacheFolder.get().resolve("onnxruntime"));
      System.setProperty(LIBRARY_FOLDER, folder.toString());
    }
  }
}
