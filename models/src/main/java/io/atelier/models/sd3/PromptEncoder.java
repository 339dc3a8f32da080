package io.atelier.models.sd3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.atelier.models.text.Tokenizer;
import java.util.List;
import java.util.Optional;

/**
 * Encodes prompts as input of the MMDiT, as in the Stable Diffusion 3 pipeline of diffusers: the
 * features of the two CLIP encoders concatenated along the width, padded with zeros to the joint
 * width, followed by the tokens of T5; and the two pooled vectors concatenated. Without T5, zeros
 * for as many tokens as CLIP has.
 */
public final class PromptEncoder implements AutoCloseable {

  /**
   * A text encoder with its tokenizer.
   *
   * @param <E> {@link ClipTextEncoder} or {@link T5Encoder}
   */
  public record Part<E>(E encoder, Tokenizer tokenizer) {}

  /**
   * A batch of prompts.
   *
   * @param features (B, CLIP tokens + T5 tokens, joint width)
   * @param pooled (B, sum of the projection widths)
   */
  public record Output(NDArray features, NDArray pooled) {}

  private final Part<ClipTextEncoder> first;
  private final Part<ClipTextEncoder> second;
  private final Optional<Part<T5Encoder>> third;
  private final int jointDim;

  /**
   * @param first its tokenizer's length applies to both CLIP encoders
   * @param jointDim width of the features that the MMDiT reads
   */
  public PromptEncoder(
      Part<ClipTextEncoder> first,
      Part<ClipTextEncoder> second,
      Optional<Part<T5Encoder>> third,
      int jointDim) {
    int clip = first.encoder().config().width() + second.encoder().config().width();
    if (clip > jointDim) {
      throw new IllegalArgumentException(
          "the CLIP encoders give %d + %d features, more than the joint width %d of the transformer"
              .formatted(
                  first.encoder().config().width(), second.encoder().config().width(), jointDim));
    }
    third.ifPresent(
        t5 -> {
          if (t5.encoder().config().width() != jointDim) {
            throw new IllegalArgumentException(
                "the T5 encoder gives %d features, but the joint width of the transformer is %d"
                    .formatted(t5.encoder().config().width(), jointDim));
          }
        });
    this.first = first;
    this.second = second;
    this.third = third;
    this.jointDim = jointDim;
  }

  /**
   * Tokens of a prompt that CLIP reads, marks included; {@link Tokenizer#fits} tells whether a
   * prompt fits.
   */
  public int clipLength() {
    return first.tokenizer().maxLength();
  }

  /**
   * @param scope owns the result
   * @param prompts B texts, each truncated to the length of an encoder
   * @param t5Length tokens for T5; ignored without it
   */
  public Output encode(NDManager scope, List<String> prompts, int t5Length) {
    ClipTextEncoder.Output l = clip(scope, first, prompts);
    ClipTextEncoder.Output g = clip(scope, second, prompts);
    NDList wide = new NDList(l.hidden(), g.hidden());
    long missing = jointDim - l.hidden().getShape().get(2) - g.hidden().getShape().get(2);
    if (missing > 0) {
      wide.add(zeros(scope, prompts.size(), clipLength(), missing));
    }
    NDArray text =
        third
            .map(t5 -> t5.encoder().encode(scope, ids(t5.tokenizer(), prompts, t5Length)))
            .orElseGet(() -> zeros(scope, prompts.size(), clipLength(), jointDim));
    NDArray features = NDArrays.concat(new NDList(NDArrays.concat(wide, 2), text), 1);
    return new Output(features, NDArrays.concat(new NDList(l.pooled(), g.pooled()), 1));
  }

  /** Closes the tokenizers; the weights belong to their scope. */
  @Override
  public void close() {
    first.tokenizer().close();
    second.tokenizer().close();
    third.ifPresent(t5 -> t5.tokenizer().close());
  }

  private ClipTextEncoder.Output clip(
      NDManager scope, Part<ClipTextEncoder> part, List<String> prompts) {
    return part.encoder().encode(scope, ids(part.tokenizer(), prompts, clipLength()));
  }

  private static long[][] ids(Tokenizer tokenizer, List<String> prompts, int length) {
    return prompts.stream().map(prompt -> tokenizer.encode(prompt, length)).toArray(long[][]::new);
  }

  private static NDArray zeros(NDManager scope, long... shape) {
    return scope.zeros(new Shape(shape), DataType.FLOAT32);
  }
}
