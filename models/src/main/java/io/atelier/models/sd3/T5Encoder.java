package io.atelier.models.sd3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.Stored;
import io.atelier.models.tensor.TorchOps;
import io.atelier.models.tensor.WeightSource;

/**
 * The encoder of T5 v1.1 (Raffel et al. 2020; Shazeer 2020 for the gated feed-forward): RMS norms,
 * no biases, unscaled attention with a learned bias for each bucket of relative distance, shared by
 * all layers. Padding is attended to like text, as in Stable Diffusion 3.
 */
public final class T5Encoder {

  /** Epsilon of the RMS norms; hard-coded in the operators. */
  static final double EPSILON = 1e-6;

  private final T5Config config;
  private final Parameters weights;
  private final NDArray heads;

  /**
   * @param scope owns the weights
   */
  public T5Encoder(NDManager scope, T5Config config, WeightSource source) {
    this(config, Parameters.load(scope, source, config.shapes()));
  }

  T5Encoder(T5Config config, Parameters weights) {
    this.config = config;
    this.weights = weights;
    this.heads = TorchOps.integer(config.heads());
    if (!weights.isPacked()) { // fusing would copy mapped weights
      for (int layer = 0; layer < config.layers(); layer++) {
        String p = "encoder.block." + layer + ".layer.0.SelfAttention.";
        weights.fuse(p + "qkv.weight", p + "q.weight", p + "k.weight", p + "v.weight");
      }
    }
  }

  public T5Config config() {
    return config;
  }

  public Parameters weights() {
    return weights;
  }

  /**
   * The features of a batch of texts, (B, tokens, width).
   *
   * @param scope owns the result
   * @param ids token ids of B texts of equal length, end mark and padding included
   */
  public NDArray encode(NDManager scope, long[][] ids) {
    int tokens = ids[0].length;
    long[] flat = new long[ids.length * tokens];
    for (int i = 0; i < ids.length; i++) {
      for (long id : ids[i]) {
        if (id < 0 || id >= config.vocabulary()) {
          throw new IllegalArgumentException(
              "token id %d is outside the vocabulary of %d".formatted(id, config.vocabulary()));
        }
      }
      System.arraycopy(ids[i], 0, flat, i * tokens, tokens);
    }
    NDArray x = rows(Host.toNative(scope, flat, ids.length, tokens), "shared.weight");
    NDArray bias = positionBias(scope, tokens);
    for (int layer = 0; layer < config.layers(); layer++) {
      try (NDManager work = scope.newSubManager()) {
        x.attach(work);
        x = block(x, bias, "encoder.block." + layer + ".layer.");
        x.attach(scope);
      }
    }
    return norm(x, "encoder.final_layer_norm");
  }

  private NDArray block(NDArray x, NDArray bias, String p) {
    NDArray qkv = qkv(norm(x, p + "0.layer_norm"), p + "0.SelfAttention.");
    NDArray attended = TorchOps.call("biased_attention", qkv, bias, heads);
    NDArray y = x.add(linear(attended, p + "0.SelfAttention.o"));
    NDArray forward =
        TorchOps.call(
            "gated_feed_forward",
            norm(y, p + "1.layer_norm"),
            weights.get(p + "1.DenseReluDense.wi_0.weight"),
            weights.get(p + "1.DenseReluDense.wi_1.weight"),
            weights.get(p + "1.DenseReluDense.wo.weight"));
    return y.add(forward);
  }

  private NDArray qkv(NDArray x, String p) {
    return weights.contains(p + "qkv.weight")
        ? linear(x, p + "qkv")
        : TorchOps.call(
            "project_qkv",
            x,
            weights.get(p + "q.weight"),
            weights.get(p + "k.weight"),
            weights.get(p + "v.weight"));
  }

  /** The bias of the attention scores, (1, heads, tokens, tokens): query by key. */
  public NDArray positionBias(NDManager scope, int tokens) {
    long[] distant = distantBuckets(scope, tokens);
    int sign = config.buckets() / 2;
    long[] buckets = new long[tokens * tokens];
    for (int query = 0; query < tokens; query++) {
      for (int key = 0; key < tokens; key++) {
        int distance = Math.abs(key - query);
        long bucket = distance < sign / 2 ? distance : distant[distance];
        buckets[query * tokens + key] = key > query ? bucket + sign : bucket;
      }
    }
    NDArray bias = rows(Host.toNative(scope, buckets, tokens, tokens), T5Config.BIAS);
    return bias.transpose(2, 0, 1).expandDims(0);
  }

  /**
   * For each distance d up to {@code tokens}: e + ln(d/e) / ln(m/e) · (n − e), truncated to an
   * integer and to at most n − 1, where n is the number of buckets of one direction, e = n/2 of
   * them are exact, and m is the largest distance. In native float32, so that a distance on the
   * edge of a bucket falls into the same one as in the reference.
   */
  private long[] distantBuckets(NDManager scope, int tokens) {
    int count = config.buckets() / 2;
    int exact = count / 2;
    float[] ratios = new float[tokens];
    for (int distance = 0; distance < tokens; distance++) {
      ratios[distance] = (float) Math.max(distance, 1) / exact;
    }
    double range = Math.log((double) config.maxDistance() / exact);
    long[] buckets =
        Host.toNative(scope, ratios, tokens)
            .log()
            .div(Host.toNative(scope, (float) range))
            .mul(Host.toNative(scope, (float) (count - exact)))
            .toType(DataType.INT64, false)
            .toLongArray();
    for (int distance = 0; distance < tokens; distance++) {
      buckets[distance] = Math.min(exact + buckets[distance], count - 1);
    }
    return buckets;
  }

  private NDArray rows(NDArray indices, String table) {
    return Stored.rows(indices, weights.get(table));
  }

  private NDArray norm(NDArray x, String name) {
    return TorchOps.call("rms_norm", x, weights.get(name + ".weight"));
  }

  private NDArray linear(NDArray x, String name) {
    return TorchOps.call("project", x, weights.get(name + ".weight"));
  }
}
