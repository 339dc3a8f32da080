package io.atelier.actors.codec;

import io.atelier.actors.transport.WeightCodec;
import io.atelier.actors.transport.wire.WireReader;
import java.nio.ByteBuffer;

/** An encoded piece: format, its number, how many there are, and its tensors. */
final class WeightPieceCodec implements WeightCodec<WeightPiece> {

  private static final byte FORMAT = 1;

  private static final int HEAD_BYTES = 1 + 2 * Integer.BYTES;

  /** Bytes of a piece without tensors. */
  static final int EMPTY_BYTES = HEAD_BYTES + Integer.BYTES;

  @Override
  public long length(WeightPiece piece) {
    return HEAD_BYTES + NamedTensorsCodec.bytes(piece.tensors());
  }

  @Override
  public void encode(WeightPiece piece, ByteBuffer into) {
    into.put(FORMAT).putInt(piece.number()).putInt(piece.count());
    NamedTensorsCodec.put(into, piece.tensors());
  }

  @Override
  public WeightPiece decode(ByteBuffer from) {
    WireReader reader = new WireReader(from, "piece of weights");
    reader.format(FORMAT);
    int number = reader.integer();
    int count = reader.integer();
    if (!WeightPiece.exists(number, count)) {
      throw reader.malformed("piece %d of %d".formatted(number, count));
    }
    WeightPiece piece = new WeightPiece(number, count, NamedTensorsCodec.read(reader));
    reader.end();
    return piece;
  }

  @Override
  public String hash(WeightPiece piece) {
    return "%d/%d %s".formatted(piece.number(), piece.count(), piece.tensors().contentHash());
  }
}
