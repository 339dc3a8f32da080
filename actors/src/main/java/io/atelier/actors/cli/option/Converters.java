package io.atelier.actors.cli.option;

import io.atelier.actors.config.section.HomeFolder;
import io.atelier.actors.config.section.Seed;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the values of options. */
public final class Converters {

  private Converters() {}

  /**
   * Reads a path as a shell does, also after {@code --out=}, where shells do not expand {@code ~}.
   */
  public static Path path(String text) {
    if (text.isBlank()) { // which would be the current folder
      throw new TypeConversionException("'%s' is not a path".formatted(text));
    }
    try {
      return Path.of(HomeFolder.expand(text));
    } catch (InvalidPathException e) {
      throw new TypeConversionException("'%s' is not a path: %s".formatted(text, e.getReason()));
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  /** Reads an unsigned 64-bit number. */
  public static final class SeedConverter implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      try {
        return Seed.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException("'%s' %s".formatted(text, e.getMessage()));
      }
    }
  }
}
