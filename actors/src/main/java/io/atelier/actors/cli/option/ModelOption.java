package io.atelier.actors.cli.option;

import io.atelier.models.assets.EmbeddedModel;
import picocli.CommandLine.Option;

/** The model that a command works with. */
public final class ModelOption {

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description =
          "emoji64 (embedded) or a diffusers pipeline folder (default: ${DEFAULT-VALUE}).",
      defaultValue = EmbeddedModel.EMOJI64)
  private String name;

  public String name() {
    return name;
  }
}
