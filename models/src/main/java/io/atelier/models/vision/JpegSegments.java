package io.atelier.models.vision;

import static io.atelier.models.vision.ImageContainer.EXIF;
import static io.atelier.models.vision.ImageContainer.ascii;
import static io.atelier.models.vision.ImageContainer.at;

import io.atelier.models.vision.ImageContainer.Inks;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Optional;

/** The segments of a JPEG before its pixels. Errors in them are left to the decoder. */
final class JpegSegments {

  private static final int SCAN = 0xda;
  private static final int FIRST_FRAME = 0xc0;
  private static final int EXIF_SEGMENT = 0xe1;
  private static final int PROFILE_SEGMENT = 0xe2;
  private static final int ADOBE_SEGMENT = 0xee;
  private static final int ADOBE_YCCK = 2;
  private static final byte[] PROFILE = ascii("ICC_PROFILE\0");

  private final byte[] file;
  private final ByteArrayOutputStream kept;
  private Optional<byte[]> exif = Optional.empty();
  private int components;
  private int transform;

  private JpegSegments(byte[] file) {
    this.file = file;
    this.kept = new ByteArrayOutputStream(file.length);
  }

  static ImageContainer of(byte[] file) {
    JpegSegments segments = new JpegSegments(file);
    segments.read();
    Inks inks = segments.transform == ADOBE_YCCK ? Inks.YCCK : Inks.CMYK;
    return new ImageContainer(
        "jpeg",
        segments.kept.toByteArray(),
        segments.exif,
        segments.components == 4 ? inks : Inks.NONE);
  }

  private void read() {
    kept.write(file, 0, 2);
    int from = 2;
    while (file.length - from >= 4 && file[from] == (byte) 0xff) {
      int marker = file[from + 1] & 0xff;
      if (marker == 0xff) { // a fill byte
        from++;
        continue;
      }
      int end = from + 2 + ((file[from + 2] & 0xff) << 8 | file[from + 3] & 0xff);
      if (marker == SCAN || marker < FIRST_FRAME || end < from + 4 || end > file.length) {
        break;
      }
      boolean profile = marker == PROFILE_SEGMENT && at(file, from + 4, PROFILE);
      if (!profile) {
        kept.write(file, from, end - from);
      }
      note(marker, from + 4, end);
      from = end;
    }
    kept.write(file, from, file.length - from);
  }

  private void note(int marker, int from, int end) {
    if (marker == EXIF_SEGMENT && exif.isEmpty() && at(file, from, EXIF)) {
      exif = Optional.of(Arrays.copyOfRange(file, Math.min(end, from + EXIF.length), end));
    } else if (marker == ADOBE_SEGMENT && at(file, from, ascii("Adobe")) && end >= from + 12) {
      transform = file[from + 11];
    } else if (frame(marker) && end >= from + 6) {
      components = file[from + 5];
    }
  }

  /** Whether a segment gives the number of colours: C0 to CF except C4, C8 and CC. */
  private static boolean frame(int marker) {
    return marker >= FIRST_FRAME && marker <= 0xcf && marker % 4 != 0 || marker == FIRST_FRAME;
  }
}
