package io.atelier.models.sd3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.Stored;
import io.atelier.models.tensor.TorchOps;
import io.atelier.models.tensor.WeightSource;

/** A CLIP text transformer (Radford et al. 2021): causal, pre-norm. */
public final class ClipTextEncoder {

  /**
   * Features of a batch of texts.
   *
   * @param hidden output of the second-to-last layer, without final norm, (B, tokens, width)
   * @param pooled projected final state at the end mark, (B, projection)
   */
  public record Output(NDArray hidden, NDArray pooled) {}

  private final ClipTextConfig config;
  private final Parameters weights;
  private final NDArray heads;

  /**
   * @param scope owns the weights
   */
  public ClipTextEncoder(NDManager scope, ClipTextConfig config, WeightSource source) {
    this(config, Parameters.load(scope, source, config.shapes()));
  }

  /**
   * @param weights may be shared with other users
   */
  public ClipTextEncoder(ClipTextConfig config, Parameters weights) {
    this.config = config;
    this.weights = weights;
    this.heads = TorchOps.integer(config.heads());
    for (int layer = 0; layer < config.layers(); layer++) {
      String p = "text_model.encoder.layers." + layer + ".self_attn.";
      for (String kind : new String[] {".weight", ".bias"}) {
        weights.fuse(
            p + "qkv" + kind, p + "q_proj" + kind, p + "k_proj" + kind, p + "v_proj" + kind);
      }
    }
  }

  public ClipTextConfig config() {
    return config;
  }

  public Parameters weights() {
    return weights;
  }

  /**
   * @param scope owns the result
   * @param ids token ids of B texts of equal length, begin and end marks and padding included
   */
  public Output encode(NDManager scope, long[][] ids) {
    int tokens = ids[0].length;
    if (tokens > config.positions()) {
      throw new IllegalArgumentException(
          "a text of %d tokens is longer than the encoder's %d"
              .formatted(tokens, config.positions()));
    }
    long[] flat = new long[ids.length * tokens];
    long[] ends = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      requireVocabulary(ids[i]);
      System.arraycopy(ids[i], 0, flat, i * tokens, tokens);
      ends[i] = (long) i * tokens + endOfText(ids[i]);
    }
    NDArray x =
        Stored.rows(
            Host.toNative(scope, flat, ids.length, tokens),
            weights.get("text_model.embeddings.token_embedding.weight"));
    NDArray positions =
        TorchOps.slice(
            weights.get("text_model.embeddings.position_embedding.weight"), 0, 0, tokens);
    positions.attach(scope);
    x = x.add(Stored.unpacked(positions));
    NDArray hidden = x;
    for (int layer = 0; layer < config.layers(); layer++) {
      hidden = x;
      x = layer(x, "text_model.encoder.layers." + layer + ".");
    }
    NDArray last = norm(x, "text_model.final_layer_norm");
    NDArray rows =
        JniUtils.embedding(
            (PtNDArray) Host.toNative(scope, ends, ids.length),
            (PtNDArray) last.reshape(new Shape(-1, config.width())),
            false);
    return new Output(
        hidden, TorchOps.call("project", rows, weights.get("text_projection.weight")));
  }

  private NDArray layer(NDArray x, String p) {
    NDArray qkv = linear(norm(x, p + "layer_norm1"), p + "self_attn.qkv");
    NDArray attended = TorchOps.call("causal_attention", qkv, heads);
    NDArray y = x.add(linear(attended, p + "self_attn.out_proj"));
    NDArray h = linear(norm(y, p + "layer_norm2"), p + "mlp.fc1");
    h = TorchOps.call(config.quickGelu() ? "quick_gelu" : "gelu", h);
    return y.add(linear(h, p + "mlp.fc2"));
  }

  private NDArray norm(NDArray x, String name) {
    return JniUtils.layerNorm(
        (PtNDArray) x,
        new Shape(config.width()),
        (PtNDArray) weights.get(name + ".weight"),
        (PtNDArray) weights.get(name + ".bias"),
        config.epsilon());
  }

  private NDArray linear(NDArray x, String name) {
    return TorchOps.linear(x, weights.get(name + ".weight"), weights.get(name + ".bias"));
  }

  private int endOfText(long[] ids) {
    int place = 0;
    for (int i = 0; i < ids.length; i++) {
      if (config.endsAtHighest()) {
        place = ids[i] > ids[place] ? i : place;
      } else if (ids[i] == config.endOfText()) {
        return i;
      }
    }
    if (!config.endsAtHighest()) { // otherwise the first token would represent every text
      throw new IllegalArgumentException(
          "\"eos_token_id\" of a text encoder is %d, which its tokenizer never gives; take both from one model"
              .formatted(config.endOfText()));
    }
    return place;
  }

  private void requireVocabulary(long[] ids) {
    for (long id : ids) {
      if (id < 0 || id >= config.vocabulary()) {
        throw new IllegalArgumentException(
            "token id %d is outside the vocabulary of %d".formatted(id, config.vocabulary()));
      }
    }
  }
}
