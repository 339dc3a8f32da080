package io.atelier.models.sd3;

import ai.djl.ndarray.NDManager;
import io.atelier.models.tensor.TrainedParameters;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The trained part of a velocity network, in place: an adapter, which starts detached, or weights
 * of the network itself, which are always in use.
 */
public final class TrainedPart {

  private final Optional<MmditAdapter> adapter;
  private final TrainedParameters weights;

  /**
   * @param scope owns the weights of an adapter, which start as zero
   * @param network its trained weights are in memory and not shared, see {@link
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

  /** Adds an adapter's maps to the network's. */
  public void attach() {
    adapter.ifPresent(MmditAdapter::attach);
  }

  /** Bit-identical to {@link #merge}, but the adapter collects gradients. */
  public void attachMerged() {
    adapter.ifPresent(MmditAdapter::attachMerged);
  }

  /** Makes the network compute with an adapter's current weights added to its own. */
  public void merge() {
    adapter.ifPresent(MmditAdapter::merge);
  }

  /** Runs {@code body} with an attached adapter detached, then attaches it again. */
  public <T> T without(Supplier<T> body) {
    return adapter.map(held -> held.without(body)).orElseGet(body);
  }

  /** Removes an adapter from the network. */
  public void detach() {
    adapter.ifPresent(MmditAdapter::detach);
  }
}
