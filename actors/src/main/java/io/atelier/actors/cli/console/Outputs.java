package io.atelier.actors.cli.console;

import io.atelier.actors.run.checkpoint.Checkpoint;
import io.atelier.actors.run.file.WriteFailedException;
import io.atelier.actors.run.picture.Pictures;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * Checks where a command writes its results, before it works for hours. A file is created to try,
 * since permissions alone do not tell, and is deleted again.
 */
public final class Outputs {

  private Outputs() {}

  /** Requires a writable picture file, whose name says its format. */
  public static void requirePicture(CommandSpec spec, String option, Path file) {
    if (!Pictures.named(file)) {
      throw new ParameterException(
          spec.commandLine(),
          "%s %s: a picture is written as .png, .jpg or .jpeg; give it such a name"
              .formatted(option, file));
    }
    requireFile(file);
  }

  public static void requireSafetensors(CommandSpec spec, String option, Path file) {
    if (!String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".safetensors")) {
      throw new ParameterException(
          spec.commandLine(),
          "%s %s: tensors are written as .safetensors; give it such a name"
              .formatted(option, file));
    }
    requireFile(file);
  }

  private static void requireFile(Path file) {
    Checkpoint.requireOutside(file);
    try {
      if (Files.isDirectory(file)) {
        throw new FileSystemException(file.toString(), null, "it is a folder");
      }
      if (Files.exists(file)) {
        FileChannel.open(file, StandardOpenOption.WRITE).close(); // changes nothing
      }
      requireRoom(file.toAbsolutePath().getParent());
    } catch (IOException e) {
      throw new WriteFailedException(file, e);
    }
  }

  /** Requires a folder that is writable or can be made. */
  public static void requireFolder(Path folder) {
    Checkpoint.requireOutside(folder);
    try {
      Path existing = folder.toAbsolutePath();
      while (!Files.exists(existing)) {
        if (Files.isSymbolicLink(existing)) {
          throw new FileSystemException(
              folder.toString(), null, existing + " is a link to nothing; make its target");
        }
        existing = existing.getParent();
      }
      requireRoom(existing);
    } catch (IOException e) {
      throw new WriteFailedException(folder, e);
    }
  }

  private static void requireRoom(Path folder) throws IOException {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new FileSystemException(folder.toString(), null, folder + " is a file, not a folder");
    }
    Files.delete(Files.createTempFile(folder, ".atelier-", ".tmp"));
  }
}
