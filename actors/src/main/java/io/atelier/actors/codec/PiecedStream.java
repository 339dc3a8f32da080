package io.atelier.actors.codec;

import io.atelier.actors.transport.WeightStream;
import io.atelier.models.state.NamedTensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.IntFunction;

/**
 * Sends versions of weights of any size as pieces that each fit into one transfer: stream k carries
 * piece k. The first piece says how many there are, and is published last, so that whoever has it
 * finds the others. Thread-safe.
 */
public final class PiecedStream implements WeightStream<NamedTensors> {

  private final IntFunction<WeightStream<WeightPiece>> open;
  private final long maxBytes;
  private final long pieceBytes;
  private final List<WeightStream<WeightPiece>> streams = new ArrayList<>();
  private boolean closed;

  /**
   * @param open opens the stream of the pieces with a number; called once for each number, from 0
   *     on, when it is needed
   * @param maxBytes of one version
   * @param pieceBytes of one piece, at most
   */
  public PiecedStream(IntFunction<WeightStream<WeightPiece>> open, long maxBytes, long pieceBytes) {
    this.open = open;
    this.maxBytes = maxBytes;
    this.pieceBytes = pieceBytes;
    stream(0);
  }

  /** Encodes the weights on the caller's thread, which may take long. */
  @Override
  public void publish(long version, NamedTensors weights) {
    requireAllowed(version, NamedTensorsCodec.bytes(weights));
    List<WeightPiece> pieces = WeightPiece.cut(weights, pieceBytes);
    int left = pieces.size();
    try {
      while (left > 0) {
        stream(left - 1).publish(version, pieces.get(left - 1));
        left--;
      }
    } catch (RuntimeException e) {
      for (int published = left; published < pieces.size(); published++) {
        stream(published).retire(version);
      }
      throw e;
    }
  }

  @Override
  public CompletionStage<NamedTensors> fetch(long version) {
    return stream(0).fetch(version).thenCompose(first -> whole(version, first));
  }

  private CompletionStage<NamedTensors> whole(long version, WeightPiece first) {
    if (first.count() == 1) {
      return CompletableFuture.completedFuture(first.tensors());
    }
    List<CompletableFuture<WeightPiece>> others = new ArrayList<>();
    for (int number = 1; number < first.count(); number++) {
      others.add(stream(number).fetch(version).toCompletableFuture());
    }
    return CompletableFuture.allOf(others.toArray(CompletableFuture[]::new))
        .thenApply(
            done -> joined(version, first, others.stream().map(CompletableFuture::join).toList()));
  }

  private NamedTensors joined(long version, WeightPiece first, List<WeightPiece> others) {
    Map<String, NamedTensors.Tensor> tensors = new TreeMap<>(first.tensors().asMap());
    long bytes = NamedTensorsCodec.bytes(first.tensors());
    int number = 1;
    for (WeightPiece piece : others) {
      if (piece.number() != number || piece.count() != first.count()) {
        throw new IllegalStateException(
            "version %d: what came as piece %d of %d is piece %d of %d"
                .formatted(version, number, first.count(), piece.number(), piece.count()));
      }
      tensors.putAll(piece.tensors().asMap());
      bytes += NamedTensorsCodec.bytes(piece.tensors());
      number++;
    }
    requireAllowed(version, bytes);
    return new NamedTensors(tensors);
  }

  private void requireAllowed(long version, long bytes) {
    if (bytes > maxBytes) {
      throw new IllegalStateException(
          "version %d has %d bytes, transport.max-version-bytes is %d"
              .formatted(version, bytes, maxBytes));
    }
  }

  @Override
  public void retire(long version) {
    opened().forEach(stream -> stream.retire(version));
  }

  @Override
  public Set<Long> versions() {
    return stream(0).versions();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    opened().forEach(WeightStream::close);
  }

  private synchronized List<WeightStream<WeightPiece>> opened() {
    return List.copyOf(streams);
  }

  private synchronized WeightStream<WeightPiece> stream(int number) {
    while (streams.size() <= number) {
      if (closed) {
        throw new IllegalStateException("this stream is closed");
      }
      streams.add(open.apply(streams.size()));
    }
    return streams.get(number);
  }
}
