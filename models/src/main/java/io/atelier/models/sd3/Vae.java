package io.atelier.models.sd3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.TorchOps;
import io.atelier.models.tensor.WeightSource;
import java.util.function.UnaryOperator;

/**
 * The image autoencoder of latent diffusion (Rombach et al. 2022) with the sizes of Stable
 * Diffusion 3: residual stages that halve the resolution, a middle with optional attention, and
 * back.
 */
public final class Vae {

  /** Side in pixels up to which images are processed whole. */
  static final int TILE = 1024;

  private static final int OVERLAP = 256;

  private final VaeConfig config;
  private final Parameters weights;
  private final NDArray groups;

  /**
   * @param scope owns the weights
   */
  public Vae(NDManager scope, VaeConfig config, WeightSource source) {
    this(config, Parameters.load(scope, source, config.shapes()));
  }

  Vae(VaeConfig config, Parameters weights) {
    this.config = config;
    this.weights = weights;
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
        x = replace(x, y -> conv("conv_down", y, p + "downsamplers.0.conv"));
      }
    }
    x = middle(x, "encoder.mid_block");
    NDArray moments =
        replace(x, y -> conv(normSilu(y, "encoder.conv_norm_out"), "encoder.conv_out"));
    return config.quantConv() ? conv(moments, "quant_conv") : moments;
  }

  /**
   * The posterior's mean as latents of the velocity network; images larger than a tile are encoded
   * in {@link VaeTiles}.
   */
  public NDArray encodeMean(NDArray image) {
    NDArray moments = new VaeTiles(TILE, OVERLAP).apply(image, this::moments);
    return toLatents(TorchOps.slice(moments, 1, 0, config.latentChannels()));
  }

  /** Latents of posterior values: (z − shift)·scale. */
  public NDArray toLatents(NDArray z) {
    NDManager scope = z.getManager();
    return z.sub(Host.toNative(scope, (float) config.shift()))
        .mul(Host.toNative(scope, (float) config.scale()));
  }

  /**
   * Decodes latents to images, in {@link VaeTiles} if larger than a tile.
   *
   * @param latents (B, latentChannels, h, w) as the velocity network gives them
   * @return (B, 3, h·f, w·f), about [−1, 1], not clamped
   */
  public NDArray decode(NDArray latents) {
    NDManager scope = latents.getManager();
    NDArray z =
        latents
            .div(Host.toNative(scope, (float) config.scale()))
            .add(Host.toNative(scope, (float) config.shift()));
    int factor = config.factor();
    return new VaeTiles(TILE / factor, OVERLAP / factor).apply(z, this::decodeRaw);
  }

  /** Decodes posterior values before scale and shift, without tiles. */
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
        x = replace(x, y -> conv("conv_up", y, p + "upsamplers.0.conv"));
      }
    }
    return replace(x, y -> conv(normSilu(y, "decoder.conv_norm_out"), "decoder.conv_out"));
  }

  private NDArray middle(NDArray x, String name) {
    NDArray y = resnet(x, name + ".resnets.0");
    if (config.midAttention()) {
      y = replace(y, z -> attention(z, name + ".attentions.0."));
    }
    return resnet(y, name + ".resnets.1");
  }

  private NDArray attention(NDArray x, String p) {
    return TorchOps.call(
        "spatial_attention",
        x,
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

  private NDArray resnet(NDArray x, String name) {
    return replace(
        x,
        in -> {
          NDArray y = replace(normSilu(in, name + ".norm1"), n -> conv(n, name + ".conv1"));
          y = replace(y, n -> conv(normSilu(n, name + ".norm2"), name + ".conv2"));
          String shortcut = name + ".conv_shortcut";
          return weights.contains(shortcut + ".weight") ? conv(in, shortcut).add(y) : in.add(y);
        });
  }

  /** Applies {@code step}, then closes {@code x} and all intermediate results. */
  private static NDArray replace(NDArray x, UnaryOperator<NDArray> step) {
    NDManager whole = x.getManager();
    try (NDManager work = whole.newSubManager()) {
      x.attach(work);
      NDArray y = step.apply(x);
      y.attach(whole);
      return y;
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
