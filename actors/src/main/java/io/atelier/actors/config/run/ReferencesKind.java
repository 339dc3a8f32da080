package io.atelier.actors.config.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What {@code data.references} names. */
public enum ReferencesKind {
  /** A folder of images. */
  FOLDER,
  /** A JSON file with the images of each prompt. */
  FILE,
  /** Neither of these exists: a style of the embedded pack, or a mistake. */
  STYLE;

  public static ReferencesKind of(String references) {
    Path place = Path.of(references);
    if (Files.isDirectory(place)) {
      return FOLDER;
    }
    boolean json = place.toString().toLowerCase(Locale.ROOT).endsWith(".json");
    return json && Files.isRegularFile(place) ? FILE : STYLE;
  }
}
