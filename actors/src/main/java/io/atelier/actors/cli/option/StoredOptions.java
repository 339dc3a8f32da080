package io.atelier.actors.cli.option;

import io.atelier.models.safetensors.DType;
import picocli.CommandLine.Option;

/** The weights of a run that an export writes, and the type that they are rounded to. */
public final class StoredOptions {

  private enum Type {
    FLOAT32(DType.F32),
    BFLOAT16(DType.BF16),
    FLOAT16(DType.F16);

    private final DType stored;

    Type(DType stored) {
      this.stored = stored;
    }
  }

  @Option(
      names = "--average",
      description = "Write the moving average of the weights in place of the last ones.")
  private boolean average;

  @Option(
      names = "--type",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
      defaultValue = "FLOAT32")
  private Type type;

  public boolean average() {
    return average;
  }

  public DType type() {
    return type.stored;
  }
}
