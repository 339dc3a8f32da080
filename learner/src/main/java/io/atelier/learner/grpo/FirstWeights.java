package io.atelier.learner.grpo;

import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.Mmdit;
import io.atelier.models.sd3.MmditAdapter;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.Trained;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.util.Map;
import java.util.TreeMap;

/**
 * Initial weights, at which the network's output is that of the base model. Adapters are
 * initialised as by PEFT's {@code gaussian}: A normal with standard deviation 1/rank, B zero.
 */
public final class FirstWeights {

  private FirstWeights() {}

  /**
   * Returns the initial weights for the run that {@code noise} belongs to.
   *
   * @param network the network before training
   */
  public static NamedTensors of(Mmdit network, Trained trained, GroupNoise noise) {
    return trained instanceof AdapterConfig adapter
        ? gaussian(network.config(), adapter, noise)
        : network.weights().export(trained.shapes(network.config()).keySet());
  }

  /**
   * Returns the initial weights of an adapter for the run that {@code noise} belongs to; the
   * network's output is unchanged.
   */
  public static NamedTensors gaussian(
      MmditConfig network, AdapterConfig adapter, GroupNoise noise) {
    Map<String, Tensor> weights = new TreeMap<>();
    int place = 0;
    for (Map.Entry<String, long[]> entry :
        new TreeMap<>(MmditAdapter.shapes(network, adapter)).entrySet()) {
      long[] shape = entry.getValue();
      float[] values = new float[Math.toIntExact(Math.multiplyExact(shape[0], shape[1]))];
      if (entry.getKey().contains("lora_A")) {
        noise.stream(Purpose.INITIAL_WEIGHTS, new GroupId(0, place))
            .fillNormal(values, 0, values.length);
        for (int i = 0; i < values.length; i++) {
          values[i] /= adapter.rank();
        }
      }
      weights.put(entry.getKey(), new Tensor(shape, values));
      place++;
    }
    return new NamedTensors(weights);
  }
}
