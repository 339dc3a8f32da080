package io.atelier.models.assets;

import io.atelier.models.cache.CacheFolder;
import io.atelier.models.cache.Unpacked;
import java.net.URL;
import java.nio.file.Path;

/** The model that ships with the project, as a folder. */
public final class EmbeddedModel {

  /** Name of the model in configuration and on the command line. */
  public static final String EMOJI64 = "emoji64";

  /** Rows and columns, in pixels, of the images that {@link #EMOJI64} was trained for. */
  public static final int PIXELS = 64;

  private EmbeddedModel() {}

  /** The pipeline folder of {@link #EMOJI64}. */
  public static Path emoji64() {
    URL index = EmbeddedModel.class.getResource("/io/atelier/models/emoji64/model_index.json");
    if (index == null) {
      throw new IllegalStateException(
          "the embedded model emoji64 is not on the class path; rebuild the project");
    }
    return Unpacked.folder(index, CacheFolder.get());
  }
}
