package io.atelier.models.sd3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.tensor.Autograd;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.TorchOps;
import java.util.ArrayList;
import java.util.List;

/**
 * Gradient checkpointing (Chen et al. 2016, arXiv 1604.06174): the forward pass keeps the inputs of
 * each block and no intermediate results; the backward pass recomputes a block with its graph, and
 * frees it before the block below. It costs one more forward pass, and needs memory for one block
 * instead of all. On the CPU the gradients are bit-identical.
 *
 * <p>Either all weights of the network collect gradients, or those of an adapter or of some
 * modules, see {@link Mmdit#isAdaptable}. Every block takes the embedded noise level and pooled
 * text, so gradients with respect to them accumulate over the blocks and are propagated last.
 */
final class CheckpointedForward implements Differentiable {

  /** The inputs that the streams and the condition were embedded from. */
  record Inputs(NDArray latents, NDArray timestep, NDArray pooled) {}

  private final Mmdit network;
  private final NDManager scope;
  private final Inputs inputs;
  private final Mmdit.Embedded embedded;
  private final NDArray velocity;

  /** The inputs of each block, followed by the output of the last one. */
  private final List<MmditBlock.Streams> streams = new ArrayList<>();

  /**
   * Runs the forward pass, in a thread that records no gradients.
   *
   * @param inputs the manager of the latents will own the kept arrays
   */
  CheckpointedForward(Mmdit network, Inputs inputs, Mmdit.Embedded embedded) {
    this.network = network;
    this.scope = inputs.latents().getManager();
    this.inputs = inputs;
    this.embedded = embedded;
    streams.add(embedded.streams());
    for (MmditBlock block : network.blocks()) {
      try (NDManager work = scope.newSubManager()) {
        MmditBlock.Streams in = attached(streams.get(streams.size() - 1), work);
        MmditBlock.Streams out = forward(block, in);
        attached(in, scope);
        streams.add(attached(out, scope));
      }
    }
    this.velocity =
        network.velocity(streams.get(streams.size() - 1).image(), embedded.condition(), embedded);
  }

  /** Computes a block; the owner of {@code in} owns the results. */
  private MmditBlock.Streams forward(MmditBlock block, MmditBlock.Streams in) {
    return block.forward(in.image(), in.context(), embedded.condition(), embedded.keyBias());
  }

  private static MmditBlock.Streams attached(MmditBlock.Streams streams, NDManager owner) {
    streams.image().attach(owner);
    streams.context().attach(owner);
    return streams;
  }

  @Override
  public NDArray velocity() {
    return velocity;
  }

  @Override
  public void backward(NDArray upstream) {
    Torch.withGradients(
        true,
        () -> {
          try (NDManager gradients = scope.newSubManager()) {
            backward(upstream, gradients);
          }
          return null;
        });
  }

  private void backward(NDArray upstream, NDManager gradients) {
    boolean whole = network.isTrained();
    int last = network.blocks().size();
    NDArray image;
    NDArray context = null; // unused after the last block
    NDArray condition = null;
    try (NDManager work = gradients.newSubManager()) {
      NDArray x = streams.get(last).image();
      x.attach(work);
      Autograd.require(x);
      NDArray own = condition(whole, work);
      Autograd.backward(network.velocity(x, own, embedded), upstream);
      image = Autograd.gradient(x, gradients);
      condition = whole ? Autograd.gradient(own, gradients) : null;
    }
    for (int layer = last - 1; layer >= 0; layer--) {
      try (NDManager work = gradients.newSubManager()) {
        MmditBlock.Streams in = attached(streams.get(layer), work); // not needed again
        boolean text = layer == 0 && (whole || network.trainsContext());
        if (layer > 0) {
          Autograd.require(in.image());
          Autograd.require(in.context());
        } else if (text) { // nothing else below the first block collects gradients
          NDArray again = network.embedContext(embedded.text());
          again.attach(work);
          in = new MmditBlock.Streams(whole ? image(work) : in.image(), again);
        }
        NDArray own = condition(whole, work);
        NDArray ofContext = condition(whole, work);
        MmditBlock.Streams out =
            network
                .blocks()
                .get(layer)
                .forward(in.image(), in.context(), own, ofContext, embedded.keyBias());
        // "dot" makes the gradient contiguous, as with a full graph: a collected gradient has the
        // strides of its leaf, and sums over it would round differently.
        NDArray product = TorchOps.call("dot", out.image(), image);
        if (context != null) {
          product = product.add(TorchOps.call("dot", out.context(), context));
        }
        product.attach(work);
        if (layer > 0 || text || network.blocks().get(0).isTrained()) {
          Autograd.backward(product);
        }
        image.attach(work);
        if (context != null) {
          context.attach(work);
        }
        if (layer > 0) {
          image = Autograd.gradient(in.image(), gradients);
          context = Autograd.gradient(in.context(), gradients);
        }
        if (whole) { // in the order in which a full graph would add them
          condition = condition.add(Autograd.gradient(ofContext, work));
          condition = condition.add(Autograd.gradient(own, work));
        }
      }
    }
    if (whole) {
      try (NDManager work = gradients.newSubManager()) {
        NDArray again = network.condition(inputs.timestep(), inputs.pooled());
        again.attach(work);
        Autograd.backward(again, condition);
      }
    }
  }

  /** The condition of all blocks; if it needs gradients, as a leaf that collects them. */
  private NDArray condition(boolean whole, NDManager work) {
    if (!whole) {
      return embedded.condition();
    }
    NDArray leaf = embedded.condition().stopGradient();
    leaf.attach(work);
    Autograd.require(leaf);
    return leaf;
  }

  private NDArray image(NDManager work) {
    NDArray again = network.embedImage(inputs.latents());
    again.attach(work);
    return again;
  }
}
