package io.atelier.models.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import java.util.Optional;

/**
 * Explains in plain words why a file cannot be read, or what it is instead of the expected file.
 */
public final class Contents {

  private static final int HEAD = 512;

  private Contents() {}

  /**
   * What {@code file} is and what to do about it, for messages after "it is"; empty if it is none
   * of the files often found in place of a model file, or cannot be read.
   */
  public static Optional<String> known(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return known(in.readNBytes(HEAD));
    } catch (IOException e) {
      return Optional.empty(); // the caller reports why the file cannot be read
    }
  }

  /**
   * As {@link #known(Path)}.
   *
   * @param head a file or its first bytes
   */
  public static Optional<String> known(byte[] head) {
    if (head.length == 0) {
      return Optional.of("empty; copy or download it again");
    }
    String text = new String(head, 0, Math.min(head.length, HEAD), StandardCharsets.ISO_8859_1);
    String start = text.replaceFirst("^\u00ef\u00bb\u00bf", "").strip().toLowerCase(Locale.ROOT);
    if (start.startsWith("version https://git-lfs")) {
      return Optional.of(
          "a Git LFS pointer and not the file itself; run \"git lfs pull\" in its repository, or"
              + " download the file again");
    }
    if (start.startsWith("<!doctype") || start.startsWith("<html") || start.startsWith("<?xml")) {
      return Optional.of(
          "a web page, as a server sends it when a download needs a login; download the file"
              + " again");
    }
    if (text.startsWith("PK\u0003\u0004") || isPickle(head)) {
      return Optional.of(
          "a zip archive or a PyTorch pickle; pickles are not read, since they can run programs:"
              + " take the safetensors file");
    }
    if (text.startsWith("GGUF")) {
      return Optional.of("a GGUF file; take the safetensors file");
    }
    if (text.startsWith("\u001f\u008b")) {
      return Optional.of("compressed by gzip; unpack it first");
    }
    if (head.length >= HEAD && zeros(head)) {
      return Optional.of("full of zeros, as an unfinished download is; download it again");
    }
    return Optional.empty();
  }

  /** A pickle begins with its protocol, 2 to 5. */
  private static boolean isPickle(byte[] head) {
    return head.length > 1 && head[0] == (byte) 0x80 && head[1] >= 2 && head[1] <= 5;
  }

  private static boolean zeros(byte[] head) {
    for (int i = 0; i < HEAD; i++) {
      if (head[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Rejects a named pipe or a device, which would block silently; a missing file is left to the
   * caller.
   *
   * @throws FileSystemException that names {@code file}
   */
  public static void requireNoPipe(Path file) throws IOException {
    if (Files.exists(file) && Files.readAttributes(file, BasicFileAttributes.class).isOther()) {
      throw new FileSystemException(
          file.toString(), null, "it is a pipe or device, not a file; put the file there");
    }
  }

  /** Why an access failed, in plain words and without the name of a class. */
  public static String reason(IOException failure) {
    if (failure instanceof NoSuchFileException) {
      return "it does not exist";
    }
    if (failure instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (failure instanceof NotDirectoryException) {
      return "it is not a folder";
    }
    if (failure instanceof FileAlreadyExistsException) {
      return "a file of that name already exists";
    }
    if (failure instanceof CharacterCodingException) {
      return "it is not UTF-8 text";
    }
    if (failure instanceof FileSystemException named && named.getReason() != null) {
      return named.getReason();
    }
    String message = failure.getMessage();
    return message == null || message.isBlank() ? "the system gives no reason" : message;
  }
}
