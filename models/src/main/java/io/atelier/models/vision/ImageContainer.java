package io.atelier.models.vision;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * The container format of a picture file. It is recognised by its first bytes, whatever its name;
 * its parts are checked for completeness, since decoders fill missing pixels with gray; and its
 * colour profile is removed, so that decoders give the stored values, as Pillow does.
 *
 * @param format one of {@link #FORMATS}
 * @param bytes the file without its colour profile, for a decoder
 * @param exif EXIF data from its byte order mark on, if any
 * @param inks whether it has four colours, and which
 */
record ImageContainer(String format, byte[] bytes, Optional<byte[]> exif, Inks inks) {

  /** Four-colour formats of JPEG: for print, or the same as brightness and two differences. */
  enum Inks {
    NONE,
    CMYK,
    YCCK
  }

  static final String FORMATS = "PNG, JPEG, WebP, BMP or GIF";

  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final byte[] JPEG = {(byte) 0xff, (byte) 0xd8, (byte) 0xff};
  static final byte[] EXIF = {'E', 'x', 'i', 'f', 0, 0};
  private static final byte[] LFS = ascii("version https://git-lfs");
  private static final int WEBP_PROFILE_FLAG = 0x20;

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private ImageContainer(String format, byte[] bytes, Optional<byte[]> exif) {
    this(format, bytes, exif, Inks.NONE);
  }

  static ImageContainer of(byte[] file) throws IOException {
    if (at(file, 0, PNG)) {
      return png(file);
    }
    if (at(file, 0, JPEG)) {
      return JpegSegments.of(file);
    }
    if (at(file, 0, ascii("RIFF")) && at(file, 8, ascii("WEBP"))) {
      return webp(file);
    }
    if (at(file, 0, ascii("BM"))) {
      return new ImageContainer("bmp", file, Optional.empty());
    }
    if (at(file, 0, ascii("GIF8"))) {
      return new ImageContainer("gif", file, Optional.empty());
    }
    if (at(file, 0, LFS)) {
      throw new IOException("it is a pointer of Git LFS; fetch the image with: git lfs pull");
    }
    throw new IOException(file.length == 0 ? "it is empty" : "it is not a " + FORMATS);
  }

  static boolean at(byte[] file, int from, byte[] bytes) {
    return file.length >= from + bytes.length
        && Arrays.equals(file, from, from + bytes.length, bytes, 0, bytes.length);
  }

  private static IOException cutOff() {
    return new IOException("it is cut off");
  }

  private static ImageContainer png(byte[] file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(file);
    Optional<byte[]> exif = Optional.empty();
    int at = PNG.length;
    while (true) {
      if (file.length - at < 12) {
        throw cutOff();
      }
      long length = in.getInt(at) & 0xffffffffL;
      if (length > file.length - at - 12) {
        throw cutOff();
      }
      int end = at + 8 + (int) length;
      CRC32 sum = new CRC32();
      sum.update(file, at + 4, end - at - 4);
      if ((int) sum.getValue() != in.getInt(end)) {
        throw new IOException("it is damaged: a part of it does not have its checksum");
      }
      if (at(file, at + 4, ascii("eXIf"))) {
        exif = Optional.of(Arrays.copyOfRange(file, at + 8, end));
      }
      if (at(file, at + 4, ascii("IEND"))) {
        return new ImageContainer("png", file, exif); // its decoder ignores profiles
      }
      at = end + 4;
    }
  }

  private static ImageContainer webp(byte[] file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    long whole = 8 + (in.getInt(4) & 0xffffffffL);
    if (whole > file.length) {
      throw cutOff();
    }
    ByteArrayOutputStream kept = new ByteArrayOutputStream(file.length);
    Optional<byte[]> exif = Optional.empty();
    kept.write(file, 0, 12);
    int at = 12;
    while (at + 8 <= whole) {
      long length = in.getInt(at + 4) & 0xffffffffL;
      if (at + 8 + length > whole) {
        throw cutOff();
      }
      int end = at + 8 + (int) length;
      int next = (int) Math.min(whole, end + (length & 1)); // chunks begin at even offsets
      if (at(file, at, ascii("EXIF"))) {
        int from = at(file, at + 8, EXIF) ? at + 8 + EXIF.length : at + 8;
        exif = Optional.of(Arrays.copyOfRange(file, Math.min(from, end), end));
      }
      if (!at(file, at, ascii("ICCP"))) {
        kept.write(file, at, next - at);
      }
      at = next;
    }
    byte[] bytes = kept.toByteArray();
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(4, bytes.length - 8);
    if (at(bytes, 12, ascii("VP8X")) && bytes.length > 20) {
      bytes[20] &= (byte) ~WEBP_PROFILE_FLAG;
    }
    return new ImageContainer("webp", bytes, exif);
  }
}
