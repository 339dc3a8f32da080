package io.atelier.actors.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import io.atelier.actors.config.run.ModelConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.config.section.Section;
import io.atelier.actors.config.section.Values;
import io.atelier.models.assets.EmbeddedModel;
import io.atelier.models.sd3.ModelTypes;
import java.util.HashSet;
import java.util.function.Supplier;

/** Fills in the size of images where it is left to the model, so that a run records numbers. */
final class ModelSize {

  private static final String AUTO = "auto";

  private ModelSize() {}

  /**
   * Returns the tree with numbers for {@code rollout.height} and {@code rollout.width}.
   *
   * @throws InvalidConfigException if the height is left to a model that does not exist
   */
  static Config recorded(Config tree) {
    Config high = number(tree, "height", () -> own(tree));
    return number(high, "width", () -> high.getValue("rollout.height").unwrapped());
  }

  /** A number from the command line arrives as a text, since it overrides one. */
  private static Config number(Config tree, String key, Supplier<Object> automatic) {
    String path = "rollout." + key;
    ConfigValue value = tree.getValue(path);
    if (value.valueType() != ConfigValueType.STRING) {
      return tree;
    }
    if (value.unwrapped().equals(AUTO)) {
      return tree.withValue(
          path,
          ConfigValueFactory.fromAnyRef(automatic.get())
              .withOrigin(
                  ConfigOriginFactory.newSimple("the model's files")
                      .withComments(value.origin().comments())));
    }
    ConfigValue number = Values.unquoted((String) value.unwrapped());
    if (number.valueType() != ConfigValueType.NUMBER) {
      throw new Section(tree, "rollout", new HashSet<>())
          .broken(key, "must be a whole number, or auto");
    }
    return tree.withValue(path, number.withOrigin(value.origin()));
  }

  private static int own(Config tree) {
    String model = ModelConfig.from(new Section(tree, "model", new HashSet<>())).path();
    return model.equals(EmbeddedModel.EMOJI64)
        ? EmbeddedModel.PIXELS
        : ModelConfig.folder(model, ModelTypes.DEFAULT).sampleSize();
  }
}
