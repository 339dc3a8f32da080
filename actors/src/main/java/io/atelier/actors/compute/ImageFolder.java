package io.atelier.actors.compute;

import io.atelier.actors.run.file.Storage;
import io.atelier.models.files.Named;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reference images from a folder and the folders in it. Files are taken by the ending of their name
 * and read by their content; what begins with a dot, or is called {@code @eaDir}, belongs to a tool
 * and is passed over. What else is left out is named in the log.
 */
final class ImageFolder {

  private static final Logger LOG = LoggerFactory.getLogger(ImageFolder.class);

  private static final Set<String> ENDINGS =
      Set.of("png", "jpg", "jpeg", "jpe", "jfif", "webp", "bmp", "gif");

  /** So many names are written out; the others are counted. */
  private static final int NAMED = 10;

  /** Where a network drive keeps small copies of the images beside it. */
  private static final String THUMBNAILS = "@eaDir";

  private ImageFolder() {}

  /**
   * The images to take, in the order of their paths.
   *
   * @throws IllegalArgumentException if there are fewer than two
   */
  static List<Path> images(Path folder) {
    List<Path> all = listed(folder);
    List<Path> files = all.stream().filter(ImageFolder::isImage).toList();
    List<Path> others = all.stream().filter(file -> !isImage(file)).toList();
    String left = others.isEmpty() ? "" : "; not read are " + names(folder, others);
    if (files.size() < 2) {
      throw new IllegalArgumentException(
          "data.references: folder %s has %d images, at least 2 are needed (%s)%s"
              .formatted(folder, files.size(), endings(), left));
    }
    if (!others.isEmpty()) {
      LOG.warn(
          "data.references: {} of {} files in {} are not read, since their names do not end in {}: {}",
          others.size(),
          all.size(),
          folder,
          endings(),
          names(folder, others));
    }
    return files;
  }

  /** The images of a folder, in the order in which they are read. */
  static List<Path> files(Path folder) {
    return listed(folder).stream().filter(ImageFolder::isImage).toList();
  }

  private static String endings() {
    return ENDINGS.stream().sorted().collect(Collectors.joining(", "));
  }

  private static String names(Path folder, List<Path> files) {
    return Named.some(
        files.stream().map(file -> folder.relativize(file).toString()).toList(), NAMED);
  }

  /** All files beneath a folder that no tool hides, in the order of their paths. */
  private static List<Path> listed(Path folder) {
    List<Path> files = new ArrayList<>();
    try {
      Files.walkFileTree(
          folder,
          EnumSet.of(FileVisitOption.FOLLOW_LINKS),
          Integer.MAX_VALUE,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes) {
              return hidden(each) && !each.equals(folder)
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path each, BasicFileAttributes attributes) {
              if (!hidden(each)) {
                if (attributes.isOther()) { // which would be waited for
                  throw new IllegalArgumentException(
                      "data.references: %s is a pipe or device, not a file; take it out"
                          .formatted(each));
                }
                files.add(each);
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (FileSystemException e) {
      throw new IllegalArgumentException(
          "data.references: %s cannot be listed: %s".formatted(e.getFile(), Storage.reason(e)), e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "data.references: folder %s cannot be listed: %s".formatted(folder, Storage.reason(e)),
          e);
    }
    Collections.sort(files);
    return files;
  }

  private static boolean hidden(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.startsWith(".") || name.equals(THUMBNAILS);
  }

  private static boolean isImage(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1));
  }
}
