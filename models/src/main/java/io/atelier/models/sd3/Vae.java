package io.atelier.models.sd3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.TorchOps;
import io.atelier.models.tensor.WeightSource;

/**
 * The image autoencoder of latent diffusion (Rombach et al. 2022) with the sizes of Stable
 * Diffusion 3: residual stages of halving resolution, a middle with optional attention, and back.
 */
public final class Vae {

  private final VaeConfig config;
  private final Parameters weights;
  private final NDArray groups;

  /**
   * @param scope owns the weights
   */
  public Vae(NDManager scope, VaeConfig config, WeightSource source) {
    this.config = config;
    this.weights = Parameters.load(scope, source, config.shapes());
    this.groups = TorchOps.integer(config.groups());
  }

  public VaeConfig config() {
    return config;
  }

  public Parameters weights() {
    return weights;
  }

  /**
   * Mean and log-variance of the posterior, before scale and shift.
   *
   * @param image (B, 3, H, W) in [−1, 1], H and W multiples of {@link VaeConfig#factor}
   * @return (B, 2·latentChannels, H/f, W/f): means, then log-variances (not yet clamped)
   */
  public NDArray moments(NDArray image) {
    NDArray x = conv(image, "encoder.conv_in");
    int stages = config.channels().size();
    for (int stage = 0; stage < stages; stage++) {
      String p = "encoder.down_blocks." + stage + ".";
      for (int i = 0; i < config.resnets(); i++) {
        x = resnet(x, p + "resnets." + i);
      }
      if (stage < stages - 1) {
        x = conv("conv_down", x, p + "downsamplers.0.conv");
      }
    }
    x = middle(x, "encoder.mid_block");
    NDArray moments = conv(normSilu(x, "encoder.conv_norm_out"), "encoder.conv_out");
    return config.quantConv() ? conv(moments, "quant_conv") : moments;
  }

  /** The posterior's mean as the latents that the velocity network works on. */
  public NDArray encodeMean(NDArray image) {
    NDArray mean = TorchOps.slice(moments(image), 1, 0, config.latentChannels());
    return toLatents(mean);
  }

  /** Latents of posterior values: (z − shift)·scale. */
  public NDArray toLatents(NDArray z) {
    return z.sub((float) config.shift()).mul((float) config.scale());
  }

  /**
   * Images of latents.
   *
   * @param latents (B, latentChannels, h, w) as the velocity network makes them
   * @return (B, 3, h·f, w·f), about [−1, 1], not clamped
   */
  public NDArray decode(NDArray latents) {
    return decodeRaw(latents.div((float) config.scale()).add((float) config.shift()));
  }

  /** As {@link #decode}, of posterior values before scale and shift. */
  public NDArray decodeRaw(NDArray z) {
    NDArray quantized = config.postQuantConv() ? conv(z, "post_quant_conv") : z;
    NDArray x = middle(conv(quantized, "decoder.conv_in"), "decoder.mid_block");
    int stages = config.channels().size();
    for (int stage = 0; stage < stages; stage++) {
      String p = "decoder.up_blocks." + stage + ".";
      for (int i = 0; i <= config.resnets(); i++) {
        x = resnet(x, p + "resnets." + i);
      }
      if (stage < stages - 1) {
        x = conv("conv_up", x, p + "upsamplers.0.conv");
      }
    }
    return conv(normSilu(x, "decoder.conv_norm_out"), "decoder.conv_out");
  }

  private NDArray middle(NDArray x, String name) {
    NDArray y = resnet(x, name + ".resnets.0");
    if (config.midAttention()) {
      String p = name + ".attentions.0.";
      y =
          TorchOps.call(
              "spatial_attention",
              y,
              weights.get(p + "group_norm.weight"),
              weights.get(p + "group_norm.bias"),
              groups,
              weights.get(p + "to_q.weight"),
              weights.get(p + "to_q.bias"),
              weights.get(p + "to_k.weight"),
              weights.get(p + "to_k.bias"),
              weights.get(p + "to_v.weight"),
              weights.get(p + "to_v.bias"),
              weights.get(p + "to_out.0.weight"),
              weights.get(p + "to_out.0.bias"));
    }
    return resnet(y, name + ".resnets.1");
  }

  /** Takes {@code x} over: it is closed, with all that is computed on the way. */
  private NDArray resnet(NDArray x, String name) {
    NDManager whole = x.getManager();
    try (NDManager work = whole.newSubManager()) {
      x.attach(work);
      NDArray y = conv(normSilu(x, name + ".norm1"), name + ".conv1");
      y = conv(normSilu(y, name + ".norm2"), name + ".conv2");
      String shortcut = name + ".conv_shortcut";
      NDArray sum = weights.contains(shortcut + ".weight") ? conv(x, shortcut).add(y) : x.add(y);
      sum.attach(whole);
      return sum;
    }
  }

  private NDArray normSilu(NDArray x, String name) {
    return TorchOps.call(
        "group_norm_silu", x, weights.get(name + ".weight"), weights.get(name + ".bias"), groups);
  }

  private NDArray conv(NDArray x, String name) {
    return conv("conv", x, name);
  }

  private NDArray conv(String kind, NDArray x, String name) {
    return TorchOps.call(kind, x, weights.get(name + ".weight"), weights.get(name + ".bias"));
  }
}
