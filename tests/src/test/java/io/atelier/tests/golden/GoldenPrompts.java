package io.atelier.tests.golden;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.sampler.Conditions;
import io.atelier.rollout.sampler.DiffusionModel;
import io.atelier.rollout.sampler.TextFeatures;
import java.util.List;

/** Conditions of batches with several prompts, as the reference put them together. */
final class GoldenPrompts {

  private GoldenPrompts() {}

  static DiffusionModel model(NDManager scope, JsonNode config) {
    PipelineFolder folder = new PipelineFolder(Golden.path("sd35-tiny"));
    return DiffusionModel.load(scope, folder, config.get("text_length").asInt());
  }

  /** Rows of the negative prompt for every prompt, then the prompts. */
  static Conditions conditions(
      NDManager scope, DiffusionModel model, String negative, List<String> prompts) {
    return Torch.withGradients(
        false,
        () -> {
          NDList contexts = new NDList();
          NDList pooled = new NDList();
          for (int row = 0; row < 2 * prompts.size(); row++) {
            String text = row < prompts.size() ? negative : prompts.get(row - prompts.size());
            TextFeatures.Encoded encoded = model.text().encode(scope, text);
            contexts.add(encoded.context());
            pooled.add(encoded.pooled());
          }
          NDArray context = NDArrays.concat(contexts, 0);
          return Conditions.of(prompts.size(), context, NDArrays.concat(pooled, 0));
        });
  }
}
