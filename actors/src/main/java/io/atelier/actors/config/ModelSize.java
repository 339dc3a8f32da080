package io.atelier.actors.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import io.atelier.models.assets.EmbeddedModel;
import io.atelier.models.tensor.ComputeType;
import java.util.HashSet;
import java.util.List;

/** Fills in the size of images where it is left to the model, so that a run records numbers. */
final class ModelSize {

  private static final String AUTO = "auto";

  private ModelSize() {}

  /**
   * The same tree with numbers for {@code rollout.height} and {@code rollout.width}.
   *
   * @throws InvalidConfigException if one is left to a model that is not there
   */
  static Config recorded(Config tree) {
    Config recorded = tree;
    for (String key : List.of("height", "width")) {
      String path = "rollout." + key;
      ConfigValue value = tree.getValue(path);
      if (value.valueType() == ConfigValueType.STRING) {
        ConfigValue size = size((String) value.unwrapped(), value, tree);
        if (size.valueType() != ConfigValueType.NUMBER) {
          throw new Section(tree, "rollout", new HashSet<>())
              .broken(key, "must be a whole number, or auto for the model's own");
        }
        recorded = recorded.withValue(path, size);
      }
    }
    return recorded;
  }

  private static ConfigValue size(String text, ConfigValue value, Config tree) {
    if (!text.equals(AUTO)) { // a number of the command line, which comes as the text it overrides
      return Layers.unquoted(text).withOrigin(value.origin());
    }
    return ConfigValueFactory.fromAnyRef(own(tree))
        .withOrigin(
            ConfigOriginFactory.newSimple("the model's files")
                .withComments(value.origin().comments()));
  }

  private static int own(Config tree) {
    String model = ModelConfig.from(new Section(tree, "model", new HashSet<>())).path();
    return model.equals(EmbeddedModel.EMOJI64)
        ? EmbeddedModel.PIXELS
        : ModelConfig.folder(model, ComputeType.FLOAT32).sampleSize();
  }
}
