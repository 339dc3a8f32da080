package io.atelier.actors.transport.blob;

import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.transport.BlobMissingException;
import io.atelier.actors.transport.MalformedException;
import io.atelier.actors.transport.transfer.Pull;
import io.atelier.actors.transport.wire.Checksum;
import io.atelier.actors.transport.wire.DirectMemory;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A blob on its way here, in memory of its own. When it has come and is what its reference names,
 * it is used; then its memory is given back, unless the user keeps it.
 *
 * @param <R> what is made of it
 */
final class BlobArrival<R> implements Pull.Target {
  private final BlobRef ref;
  private final boolean keeps;
  private final Function<ByteBuffer, R> use;
  private final Runnable ended;
  private final CompletableFuture<R> future = new CompletableFuture<>();

  /** Taken on the agent thread, which has let go of it when this is told that it came or failed. */
  private volatile ByteBuffer memory;

  /**
   * @param keeps whether the memory belongs to the user, if {@code use} returns
   * @param ended called when the memory is given back
   */
  BlobArrival(BlobRef ref, boolean keeps, Function<ByteBuffer, R> use, Runnable ended) {
    this.ref = ref;
    this.keeps = keeps;
    this.use = use;
    this.ended = ended;
  }

  CompletableFuture<R> future() {
    return future;
  }

  @Override
  public ByteBuffer memory(int length) {
    memory = DirectMemory.allocate(length);
    return memory;
  }

  @Override
  public void landed(ByteBuffer bytes, String hash) {
    R result;
    try {
      requireNamed(bytes);
      result = use.apply(bytes);
    } catch (MalformedException e) {
      failed(e.getMessage());
      return;
    } catch (RuntimeException | Error e) {
      failed("what came cannot be used: " + e);
      return;
    }
    if (!keeps) {
      giveBack();
    }
    future.complete(result);
  }

  private void requireNamed(ByteBuffer bytes) {
    int crc = Checksum.of(bytes);
    if (bytes.remaining() != ref.length() || crc != ref.crc()) {
      throw new MalformedException(
          "%d bytes with CRC32C %08x came instead of %d with %08x"
              .formatted(bytes.remaining(), crc, ref.length(), ref.crc()));
    }
  }

  @Override
  public void failed(String reason) {
    giveBack();
    future.completeExceptionally(new BlobMissingException(ref, reason));
  }

  private void giveBack() {
    ByteBuffer taken = memory;
    memory = null;
    if (taken != null) {
      DirectMemory.free(taken);
    }
    ended.run();
  }
}
