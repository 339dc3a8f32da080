package io.atelier.models.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.encoder.VitBlocks.Affine;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.tensor.Autograd;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.TorchOps;
import io.atelier.models.tensor.TrainedParameters;
import java.util.Arrays;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The trainable last layers of a CLIP's image side, and the frozen norm and projection after them:
 * from the output of a {@link ClipTrunk} to the cosine with a text. The weights of the layers are
 * float32 whatever their file has, keep the file's names, and are not shared; norm and projection
 * are shared by all users of this CLIP in this process. Not thread-safe: one compute thread owns
 * it.
 */
public final class ClipTail implements AutoCloseable {

  private final NDManager scope;
  private final VitConfig config;
  private final VitBlocks blocks;
  private final TrainedParameters trained;
  private final Parameters shared;
  private final double scale;
  private final int batch;

  /**
   * Loads the weights of the file.
   *
   * @param count number of layers, see {@link #requireLayers}
   * @param batch images at once on a GPU; on the CPU one at a time, so that an image's cosine does
   *     not depend on the rest of the batch
   */
  public ClipTail(ClipFolder folder, int count, int batch) {
    requireLayers(folder, count);
    this.config = folder.vision().config();
    VitFile file = folder.vision();
    int first = config.depth() - count;
    this.scope = Torch.newScope();
    try {
      Map<String, long[]> shapes = config.blockShapes(first, config.depth());
      Parameters layers =
          Torch.withGradients(
              false, () -> Parameters.load(scope, file.weights().inMemory(), shapes));
      this.blocks =
          Torch.withGradients(
              false, () -> new VitBlocks(scope, config, layers, null, first, config.depth()));
      this.trained = layers.trainable("image side of the PickScore");
      trained.train();
      this.shared = Torch.withGradients(false, () -> file.shared(scope));
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
    this.scale = folder.scale();
    this.batch = VitPass.atOnce(scope, batch);
  }

  /** Rejects a number of layers that the image side does not have. */
  public static void requireLayers(ClipFolder folder, int count) {
    int depth = folder.vision().config().depth();
    if (count < 1 || count > depth) {
      throw new IllegalArgumentException(
          "trained-layers is %d, must be 1 to %d, the layers of the image side of %s"
              .formatted(count, depth, folder.vision().weights().origin()));
    }
  }

  /** Number of values of the last {@code count} layers. */
  public static long values(ClipFolder folder, int count) {
    VitConfig config = folder.vision().config();
    return NamedTensors.elements(
        config.blockShapes(config.depth() - count, config.depth()).values());
  }

  /** Number of values of an image's tokens. */
  public static long tokenValues(ClipFolder folder) {
    VitConfig config = folder.vision().config();
    return (long) config.tokens() * config.width();
  }

  /** exp of the learned scale that turns the cosine of image and text into a logit. */
  public double scale() {
    return scale;
  }

  /** The weights of the layers in place; they collect the gradients of {@link #backward}. */
  public TrainedParameters trained() {
    return trained;
  }

  /** The weights of the layers; a copy. */
  public NamedTensors weights() {
    return trained.export();
  }

  /**
   * Replaces the weights of the layers.
   *
   * @throws IllegalArgumentException if {@code weights} are not those of as many layers of a CLIP
   *     of this shape; the layers are then unchanged
   */
  public void load(NamedTensors weights) {
    trained.load(weights);
  }

  /**
   * Cosines of images and a text.
   *
   * @param tokens (n, tokens, D) from the trunk
   * @param text the text's vector, of length 1
   */
  public float[] cosines(Tensor tokens, float[] text) {
    float[] all = new float[count(tokens)];
    inParts(
        tokens,
        false,
        (from, part) -> {
          float[] some = Host.floats(cosines(part, text));
          System.arraycopy(some, 0, all, from, some.length);
        });
    return all;
  }

  /**
   * Accumulates the gradients of the layers.
   *
   * @param upstream gradient of the loss with respect to each of the {@link #cosines}
   */
  public void backward(Tensor tokens, float[] text, float[] upstream) {
    if (upstream.length != count(tokens)) {
      throw new IllegalArgumentException(
          "%d gradients for %d images".formatted(upstream.length, count(tokens)));
    }
    inParts(
        tokens,
        true,
        (from, part) -> {
          NDArray cosines = cosines(part, text);
          int to = from + (int) cosines.size();
          Autograd.backward(
              cosines,
              Host.toNative(
                  cosines.getManager(), Arrays.copyOfRange(upstream, from, to), to - from));
        });
  }

  private static int count(Tensor tokens) {
    return (int) tokens.shape()[0];
  }

  /**
   * Runs {@code body} on the images part by part.
   *
   * @param body takes the index of the first image, and tokens in a scope that ends with the call
   */
  private void inParts(Tensor tokens, boolean gradients, BiConsumer<Integer, NDArray> body) {
    int stride = tokens.values().length / count(tokens);
    Torch.withGradients(
        gradients,
        () -> {
          for (int from = 0; from < count(tokens); from += batch) {
            int to = Math.min(count(tokens), from + batch);
            float[] values = Arrays.copyOfRange(tokens.values(), from * stride, to * stride);
            try (NDManager inner = scope.newSubManager()) {
              body.accept(
                  from,
                  Host.toNative(inner, values, to - from, tokens.shape()[1], tokens.shape()[2]));
            }
          }
          return null;
        });
  }

  /** Closes {@code tokens}; their scope owns the result. */
  private NDArray cosines(NDArray tokens, float[] text) {
    NDManager inner = tokens.getManager();
    NDArray classToken = blocks.forward(inner, tokens).get(":, 0");
    VitNames names = config.layout().names();
    NDArray normed = Affine.of(shared, names.norm).norm(classToken, config);
    NDArray vectors = VisionTransformer.projected(config, normed, shared.get(names.projection));
    return TorchOps.call("cosine", vectors, Host.toNative(inner, text, text.length));
  }

  @Override
  public void close() {
    scope.close();
  }
}
