package io.atelier.actors.web.index;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Identifies the file that has a name now, and how far it has grown.
 *
 * @param key changes when the file is replaced
 * @param size bytes; 0 if there is no such file
 * @param changed milliseconds since 1970
 */
public record FileMark(String key, long size, long changed) {

  public static final FileMark NONE = new FileMark("", 0, 0);

  /** Returns the mark of a file; {@link #NONE} if it is not a regular file. */
  public static FileMark of(Path file) throws IOException {
    try {
      BasicFileAttributes is =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!is.isRegularFile()) {
        return NONE;
      }
      Object key = is.fileKey() == null ? is.creationTime() : is.fileKey();
      return new FileMark(
          Integer.toHexString(key.hashCode()), is.size(), is.lastModifiedTime().toMillis());
    } catch (NoSuchFileException e) {
      return NONE;
    }
  }

  public boolean exists() {
    return !key.isEmpty();
  }

  /** Returns the mark as the value of an {@code ETag} header. */
  public String tag() {
    return "\"%s-%x-%x\"".formatted(key, size, changed);
  }
}
