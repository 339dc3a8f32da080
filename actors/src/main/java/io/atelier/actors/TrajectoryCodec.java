package io.atelier.actors;

import io.atelier.actors.transport.Codec;
import io.atelier.actors.transport.WireReader;
import io.atelier.actors.transport.WireWriter;
import io.atelier.rollout.Trajectory;
import java.nio.ByteBuffer;

/** Format, then the arrays of a trajectory in the order of its components. */
final class TrajectoryCodec implements Codec<Trajectory> {
  private static final byte FORMAT = 1;
  private static final int ARRAYS = 6;

  @Override
  public long length(Trajectory t) {
    long elements =
        (long) t.stepIndex().length
            + t.latentShape().length
            + t.before().length
            + t.after().length
            + t.mean().length
            + t.logProb().length;
    return 1 + Integer.BYTES * (ARRAYS + elements);
  }

  @Override
  public void encode(Trajectory t, ByteBuffer into) {
    into.put(FORMAT);
    WireWriter.integers(into, t.stepIndex());
    WireWriter.integers(into, t.latentShape());
    WireWriter.floats(into, t.before());
    WireWriter.floats(into, t.after());
    WireWriter.floats(into, t.mean());
    WireWriter.floats(into, t.logProb());
  }

  @Override
  public Trajectory decode(ByteBuffer from) {
    WireReader reader = new WireReader(from, "trajectory");
    reader.format(FORMAT);
    Trajectory t =
        new Trajectory(
            reader.integers(),
            reader.integers(),
            reader.floats(),
            reader.floats(),
            reader.floats(),
            reader.floats());
    reader.end();
    int size = t.before().length;
    if (t.after().length != size || t.mean().length != 0 && t.mean().length != size) {
      throw reader.malformed(
          "%d latents before, %d after, %d means"
              .formatted(size, t.after().length, t.mean().length));
    }
    return t;
  }
}
