package io.atelier.actors.api;

import io.atelier.actors.compute.ComputeFactory;
import io.atelier.models.sd3.GradientCheckpointing;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.rollout.sampler.TextEncoders;
import java.util.Map;

/**
 * Native bytes of the parts of a model, once. Each role has copies of its own of what it uses.
 * Weights that are used as their files have them are mapped files, of which copies share a part.
 *
 * @param network the velocity network with its position table
 * @param autoencoder encoder and decoder
 * @param textEncoders both CLIPs, and T5 where there is one
 * @param resident whether text encoders stay in memory, or are there only until all prompts are
 *     encoded
 */
record ModelMemory(long network, long autoencoder, long textEncoders, boolean resident) {

  static ModelMemory of(PipelineFolder folder) {
    return new ModelMemory(
        folder.loadedBytes("transformer"),
        folder.loadedBytes("vae"),
        folder.loadedBytes("text_encoder")
            + folder.loadedBytes("text_encoder_2")
            + (folder.hasT5() ? folder.loadedBytes("text_encoder_3") : 0),
        TextEncoders.stayInMemory(folder));
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

  /**
   * All that is loaded at a time.
   *
   * @param samplers rollout workers, and the evaluator if there is one
   * @param learners that train the network
   */
  long whole(int samplers, int learners) {
    long loaded = samplers * (network + autoencoder) + learners * network;
    return loaded + (resident ? samplers : 1) * textEncoders;
  }

  /**
   * About what a pass through the network with gradients keeps until its way back.
   *
   * @param rows latents at once, both branches of the guidance counted
   * @param latent elements of one channel of a latent
   */
  static long activations(
      PipelineFolder folder, GradientCheckpointing checkpointing, long rows, long latent) {
    MmditConfig network = folder.transformerConfig();
    long image = latent / ((long) network.patchSize() * network.patchSize());
    long text =
        folder.clipConfig("text_encoder").positions()
            + (folder.hasT5() ? ComputeFactory.T5_LENGTH : 0);
    boolean packed = folder.loadedBytes("transformer") < Float.BYTES * network.parameters();
    long all = GradientCheckpointing.bytes(network, rows, image + text, packed);
    return checkpointing.applies(all)
        ? GradientCheckpointing.checkpointedBytes(network, rows, image + text, packed)
        : all;
  }
}
