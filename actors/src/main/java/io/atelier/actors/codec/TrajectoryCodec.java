package io.atelier.actors.codec;

import io.atelier.actors.transport.Codec;
import io.atelier.actors.transport.wire.WireReader;
import io.atelier.actors.transport.wire.WireWriter;
import io.atelier.models.safetensors.Bfloat16;
import io.atelier.rollout.PromptEmbeddings;
import io.atelier.rollout.Trajectory;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Format, then the arrays of a trajectory in the order of its components. Latents are written as
 * bfloat16 if it holds all of them exactly, so that no bit is lost either way.
 */
final class TrajectoryCodec implements Codec<Trajectory> {
  private static final byte FORMAT = 4;
  private static final int ARRAYS = 7;

  /** Integers of a prompt's embeddings besides its arrays. */
  private static final int PROMPT = 3;

  /** Types that the latents are written as. */
  private static final byte FLOAT32 = 0;

  private static final byte BFLOAT16 = 1;

  @Override
  public long length(Trajectory t) {
    long others =
        (long) t.stepIndex().length
            + t.latentShape().length
            + t.mean().length
            + t.logProb().length
            + t.prompt().context().length
            + t.prompt().pooled().length;
    return 2
        + Integer.BYTES * (ARRAYS + PROMPT + others)
        + (long) t.latents().length * (type(t) == BFLOAT16 ? Short.BYTES : Float.BYTES);
  }

  private static byte type(Trajectory t) {
    return Bfloat16.areAll(t.latents()) ? BFLOAT16 : FLOAT32;
  }

  @Override
  public void encode(Trajectory t, ByteBuffer into) {
    byte type = type(t);
    into.put(FORMAT).put(type);
    WireWriter.integers(into, t.stepIndex());
    WireWriter.integers(into, t.latentShape());
    latents(into, t.latents(), type);
    WireWriter.floats(into, t.mean());
    WireWriter.floats(into, t.logProb());
    PromptEmbeddings prompt = t.prompt();
    into.putInt(prompt.rows()).putInt(prompt.tokens()).putInt(prompt.lastRepeats());
    WireWriter.floats(into, prompt.context());
    WireWriter.floats(into, prompt.pooled());
  }

  private static void latents(ByteBuffer into, float[] values, byte type) {
    if (type == FLOAT32) {
      WireWriter.floats(into, values);
      return;
    }
    short[] halves = new short[values.length];
    for (int i = 0; i < halves.length; i++) {
      halves[i] = Bfloat16.bits(values[i]);
    }
    WireWriter.shorts(into, halves);
  }

  @Override
  public Trajectory decode(ByteBuffer from) {
    WireReader reader = new WireReader(from, "trajectory");
    reader.format(FORMAT);
    byte type = reader.one();
    if (type != FLOAT32 && type != BFLOAT16) {
      throw reader.malformed("latents of unknown type " + type);
    }
    Trajectory t =
        new Trajectory(
            reader.integers(),
            reader.integers(),
            latents(reader, type),
            reader.floats(),
            reader.floats(),
            prompt(reader));
    reader.end();
    requireFits(t, reader);
    return t;
  }

  private static void requireFits(Trajectory t, WireReader reader) {
    int steps = t.steps();
    for (int i = 1; i < steps; i++) {
      if (t.stepIndex()[i] != t.stepIndex()[0] + i) {
        throw reader.malformed(
            "steps " + Arrays.toString(t.stepIndex()) + ", which are not consecutive");
      }
    }
    long elements = elements(t.latentShape());
    int logProbs = t.logProb().length;
    int latents = t.latents().length;
    boolean whole = elements > 0 && latents > 0 && latents % (elements * (steps + 1)) == 0;
    long samples = whole ? latents / (elements * (steps + 1)) : 0;
    if (!whole
        || logProbs != steps * samples
        || t.mean().length != 0 && t.mean().length != steps * samples * elements) {
      throw reader.malformed(
          "%d steps, %d latent values of shape %s, %d means, %d log-probabilities"
              .formatted(
                  steps, latents, Arrays.toString(t.latentShape()), t.mean().length, logProbs));
    }
  }

  /** Returns the elements of a latent of this shape; 0 if the shape is invalid. */
  private static long elements(int[] shape) {
    if (shape.length != 3 || shape[0] < 1 || shape[1] < 1 || shape[2] < 1) {
      return 0;
    }
    long plane = (long) shape[1] * shape[2];
    return plane > Integer.MAX_VALUE / shape[0] ? 0 : plane * shape[0];
  }

  private static PromptEmbeddings prompt(WireReader reader) {
    int rows = reader.integer();
    int tokens = reader.integer();
    int lastRepeats = reader.integer();
    float[] context = reader.floats();
    float[] pooled = reader.floats();
    try {
      return new PromptEmbeddings(rows, tokens, lastRepeats, context, pooled);
    } catch (IllegalArgumentException e) {
      throw reader.malformed(e.getMessage());
    }
  }

  private static float[] latents(WireReader reader, byte type) {
    if (type == FLOAT32) {
      return reader.floats();
    }
    short[] halves = reader.shorts();
    float[] values = new float[halves.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Bfloat16.of(halves[i]);
    }
    return values;
  }
}
