package io.atelier.actors.codec;

import io.atelier.models.state.NamedTensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Some tensors of a version of weights, which fit into one transfer.
 *
 * @param number of the piece, from 0
 * @param count pieces of the version, 1 to {@value #MOST}
 * @param tensors of the piece, each of them whole
 */
public record WeightPiece(int number, int count, NamedTensors tensors) {

  /** Most pieces of a version; each has a stream of its own. */
  static final int MOST = 256;

  public WeightPiece {
    if (!exists(number, count)) {
      throw new IllegalArgumentException(
          "piece %d of %d, must be one of 1 to %d".formatted(number, count, MOST));
    }
  }

  /** Whether a version can have so many pieces, and one with this number. */
  static boolean exists(int number, int count) {
    return count >= 1 && count <= MOST && number >= 0 && number < count;
  }

  /**
   * Cuts a version between its tensors, in the order of their names.
   *
   * @param limit bytes of an encoded piece
   * @throws IllegalStateException naming a tensor that is larger
   */
  static List<WeightPiece> cut(NamedTensors weights, long limit) {
    SortedMap<String, Long> bytes = new TreeMap<>();
    weights.asMap().forEach((name, t) -> bytes.put(name, NamedTensorsCodec.bytes(name, t)));
    List<Set<String>> names = cut(bytes, limit - WeightPieceCodec.EMPTY_BYTES);
    if (names.size() > MOST) {
      throw new IllegalStateException(
          "a version of weights takes %d pieces of at most %d bytes, and %d are sent"
              .formatted(names.size(), limit, MOST));
    }
    if (names.size() == 1) {
      return List.of(new WeightPiece(0, 1, weights));
    }
    List<WeightPiece> pieces = new ArrayList<>();
    for (Set<String> some : names) {
      pieces.add(new WeightPiece(pieces.size(), names.size(), weights.only(some)));
    }
    return pieces;
  }

  /**
   * Returns the names of the tensors of each piece; one empty piece if there are none.
   *
   * @param bytes of each tensor
   * @param room bytes of the tensors of one piece
   */
  static List<Set<String>> cut(SortedMap<String, Long> bytes, long room) {
    List<Set<String>> pieces = new ArrayList<>();
    Set<String> piece = new TreeSet<>();
    long taken = 0;
    for (String name : bytes.keySet()) {
      long size = bytes.get(name);
      if (size > room) {
        throw new IllegalStateException(
            "tensor \"%s\" takes %d bytes, and one piece of a version has room for %d"
                .formatted(name, size, room));
      }
      if (taken + size > room) {
        pieces.add(piece);
        piece = new TreeSet<>();
        taken = 0;
      }
      piece.add(name);
      taken += size;
    }
    pieces.add(piece);
    return pieces;
  }
}
