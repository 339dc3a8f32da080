package io.atelier.actors.api;

import io.atelier.actors.compute.ComputeFactory;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.PipelineFolder;
import java.util.Map;

/**
 * Native bytes of one copy of a model. Each role that draws or learns has a copy of its own, as
 * float32, whatever its files hold. Weights that files hold as float32 are the mapped files, of
 * which copies share a part.
 *
 * @param network the velocity network with its position table
 * @param autoencoder encoder and decoder
 * @param textEncoders both CLIPs, and T5 where there is one
 */
record ModelMemory(long network, long autoencoder, long textEncoders) {

  /**
   * Values that a block keeps for the way back, for each token and unit of its width. Measured on
   * three networks with an adapter: 33 to 37, and 44 where two blocks of three have a second
   * attention.
   */
  private static final int KEPT = 36;

  private static final int KEPT_DUAL = 48;

  static ModelMemory of(PipelineFolder folder) {
    long clips =
        bytes(folder.clipConfig("text_encoder").shapes())
            + bytes(folder.clipConfig("text_encoder_2").shapes());
    return new ModelMemory(
        bytes(folder.transformerConfig().shapes()),
        bytes(folder.vaeConfig().shapes()),
        clips + (folder.hasT5() ? bytes(folder.t5Config().shapes()) : 0));
  }

  static long bytes(Map<String, long[]> shapes) {
    return Float.BYTES * elements(shapes);
  }

  static long elements(Map<String, long[]> shapes) {
    long sum = 0;
    for (long[] shape : shapes.values()) {
      long size = 1;
      for (long extent : shape) {
        size *= extent;
      }
      sum += size;
    }
    return sum;
  }

  /** All of a copy. */
  long whole() {
    return network + autoencoder + textEncoders;
  }

  /**
   * About what a pass through the network with gradients keeps until its way back.
   *
   * @param rows latents at once, both branches of the guidance counted
   * @param latent elements of one channel of a latent
   */
  static long activations(PipelineFolder folder, long rows, long latent) {
    MmditConfig network = folder.transformerConfig();
    long image = latent / ((long) network.patchSize() * network.patchSize());
    long text =
        folder.clipConfig("text_encoder").positions()
            + (folder.hasT5() ? ComputeFactory.T5_LENGTH : 0);
    int dual = network.dualLayers().size();
    long kept = (long) KEPT * (network.layers() - dual) + (long) KEPT_DUAL * dual;
    return Float.BYTES * rows * (image + text) * network.width() * kept;
  }
}
