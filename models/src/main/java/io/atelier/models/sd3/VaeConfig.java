package io.atelier.models.sd3;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sizes of the image autoencoder, as {@code vae/config.json} of a diffusers folder gives them.
 *
 * @param channels width of each stage, finest first; each stage after the first halves the image
 * @param resnets residual blocks of an encoder stage; a decoder stage has one more
 * @param latentChannels channels of a latent
 * @param groups groups of the group norms
 * @param midAttention whether the middle has an attention between its two residual blocks
 * @param quantConv whether a 1x1 convolution follows the encoder
 * @param postQuantConv whether one precedes the decoder
 * @param scale latents are (mean − shift)·scale
 * @param shift see scale
 */
public record VaeConfig(
    List<Integer> channels,
    int resnets,
    int latentChannels,
    int groups,
    boolean midAttention,
    boolean quantConv,
    boolean postQuantConv,
    double scale,
    double shift) {

  /** Maximum bytes of activations of images processed together. */
  private static final long PASS = 1L << 30;

  /** Tensors of the finest stage that are live at a time, temporaries of convolutions included. */
  private static final int LIVE = 4;

  public VaeConfig {
    channels = List.copyOf(channels);
    for (int width : channels) {
      if (width % groups != 0) {
        throw new IllegalArgumentException(
            "%d channels do not divide into %d groups".formatted(width, groups));
      }
    }
  }

  /** Side, in pixels, of the area that one latent position covers. */
  public int factor() {
    return 1 << (channels.size() - 1);
  }

  /**
   * Images processed at once: as many as wanted, limited by memory for activations.
   *
   * @param height rows of an image, in pixels
   * @param width columns of an image, in pixels
   */
  public int together(int wanted, int height, int width) {
    return (int) Math.min(wanted, Math.max(1, PASS / passBytes(height, width)));
  }

  /**
   * Estimated bytes of activations of one image, or a tile of it, at the finest stage, the largest.
   */
  public long passBytes(int height, int width) {
    int widest = channels.get(Math.min(1, channels.size() - 1));
    long area = (long) Math.min(height, Vae.TILE) * Math.min(width, Vae.TILE);
    return LIVE * Float.BYTES * widest * area;
  }

  /** Name and shape of every weight of the file. */
  public Map<String, long[]> shapes() {
    Map<String, long[]> s = new LinkedHashMap<>();
    int stages = channels.size();
    conv(s, "encoder.conv_in", channels.get(0), 3, 3);
    for (int stage = 0; stage < stages; stage++) {
      String p = "encoder.down_blocks." + stage + ".";
      for (int i = 0; i < resnets; i++) {
        int in = i == 0 && stage > 0 ? channels.get(stage - 1) : channels.get(stage);
        resnet(s, p + "resnets." + i, in, channels.get(stage));
      }
      if (stage < stages - 1) {
        conv(s, p + "downsamplers.0.conv", channels.get(stage), channels.get(stage), 3);
      }
    }
    int deepest = channels.get(stages - 1);
    middle(s, "encoder.mid_block", deepest);
    norm(s, "encoder.conv_norm_out", deepest);
    conv(s, "encoder.conv_out", 2 * latentChannels, deepest, 3);
    if (quantConv) {
      conv(s, "quant_conv", 2 * latentChannels, 2 * latentChannels, 1);
    }
    if (postQuantConv) {
      conv(s, "post_quant_conv", latentChannels, latentChannels, 1);
    }

    conv(s, "decoder.conv_in", deepest, latentChannels, 3);
    middle(s, "decoder.mid_block", deepest);
    for (int stage = 0; stage < stages; stage++) {
      String p = "decoder.up_blocks." + stage + ".";
      int width = channels.get(stages - 1 - stage);
      int before = stage == 0 ? deepest : channels.get(stages - stage);
      for (int i = 0; i <= resnets; i++) {
        resnet(s, p + "resnets." + i, i == 0 ? before : width, width);
      }
      if (stage < stages - 1) {
        conv(s, p + "upsamplers.0.conv", width, width, 3);
      }
    }
    norm(s, "decoder.conv_norm_out", channels.get(0));
    conv(s, "decoder.conv_out", 3, channels.get(0), 3);
    return s;
  }

  private void middle(Map<String, long[]> s, String name, int width) {
    resnet(s, name + ".resnets.0", width, width);
    if (midAttention) {
      norm(s, name + ".attentions.0.group_norm", width);
      for (String part : new String[] {"to_q", "to_k", "to_v", "to_out.0"}) {
        s.put(name + ".attentions.0." + part + ".weight", new long[] {width, width});
        s.put(name + ".attentions.0." + part + ".bias", new long[] {width});
      }
    }
    resnet(s, name + ".resnets.1", width, width);
  }

  private static void resnet(Map<String, long[]> s, String name, int in, int out) {
    norm(s, name + ".norm1", in);
    conv(s, name + ".conv1", out, in, 3);
    norm(s, name + ".norm2", out);
    conv(s, name + ".conv2", out, out, 3);
    if (in != out) {
      conv(s, name + ".conv_shortcut", out, in, 1);
    }
  }

  private static void norm(Map<String, long[]> s, String name, int width) {
    s.put(name + ".weight", new long[] {width});
    s.put(name + ".bias", new long[] {width});
  }

  private static void conv(Map<String, long[]> s, String name, int out, int in, int size) {
    s.put(name + ".weight", new long[] {out, in, size, size});
    s.put(name + ".bias", new long[] {out});
  }
}
