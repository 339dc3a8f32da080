package io.atelier.models.sd3;

import ai.djl.ndarray.NDManager;
import io.atelier.models.tensor.TrainedParameters;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What is trained of a velocity network, in its place there: an adapter, which starts out absent,
 * or weights of the network itself, which are always there.
 */
public final class TrainedPart {

  private final Optional<MmditAdapter> adapter;
  private final TrainedParameters weights;

  /**
   * @param scope owns the weights of an adapter, which are zero
   * @param network those of its weights that are trained are in memory and its own, see {@link
   *     PipelineFolder#loadTransformer(NDManager, Trained)}
   */
  public TrainedPart(NDManager scope, Mmdit network, Trained trained) {
    this.adapter =
        trained instanceof AdapterConfig config
            ? Optional.of(new MmditAdapter(scope, network, config))
            : Optional.empty();
    this.weights =
        adapter
            .map(MmditAdapter::weights)
            .orElseGet(
                () ->
                    network
                        .weights()
                        .trainable("network", trained.shapes(network.config()).keySet()));
  }

  /** The trained weights. */
  public TrainedParameters weights() {
    return weights;
  }

  /** Lets the network compute with an adapter's maps beside its own. */
  public void attach() {
    adapter.ifPresent(MmditAdapter::attach);
  }

  /** As {@link #merge} to the bit, and the adapter collects gradients. */
  public void attachMerged() {
    adapter.ifPresent(MmditAdapter::attachMerged);
  }

  /** Lets the network compute with an adapter's weights, as they are now, added to its own. */
  public void merge() {
    adapter.ifPresent(MmditAdapter::merge);
  }

  /** Runs {@code body} without an adapter, which is attached before and after. */
  public <T> T without(Supplier<T> body) {
    return adapter.map(held -> held.without(body)).orElseGet(body);
  }

  /** Takes an adapter out of the network. */
  public void detach() {
    adapter.ifPresent(MmditAdapter::detach);
  }
}
