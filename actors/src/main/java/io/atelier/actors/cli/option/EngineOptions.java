package io.atelier.actors.cli.option;

import io.atelier.actors.api.plan.UnreadStorage;
import io.atelier.actors.cli.console.Logs;
import io.atelier.actors.machine.Machine;
import io.atelier.models.sd3.ModelTypes;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.tensor.ComputeType;
import io.atelier.models.tensor.DeviceChoice;
import io.atelier.models.tensor.Placement;
import io.atelier.models.tensor.StorageType;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options for threads, device and number types of a command. */
public final class EngineOptions {

  /** More would only cost: no operation is split into so many parts. */
  private static final int MOST = 1024;

  @Option(
      names = "--threads",
      description = "Native threads of one operation (default: as many as there are cores).",
      defaultValue = "0")
  private int threads;

  @Option(
      names = "--device",
      description =
          "Device to compute on: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}, a GPU if"
              + " libtorch sees one).",
      defaultValue = "AUTO")
  private DeviceChoice device;

  @Option(
      names = "--compute",
      description =
          "Type that the velocity network computes in: ${COMPLETION-CANDIDATES} (default:"
              + " ${DEFAULT-VALUE}).",
      defaultValue = "float32")
  private ComputeType compute;

  @Option(
      names = "--storage",
      description =
          "Type that the model's large matrices are kept in: ${COMPLETION-CANDIDATES} (default:"
              + " ${DEFAULT-VALUE}, as its files have them).",
      defaultValue = "stored")
  private StorageType storage;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** Starts libtorch; warns if a GPU is left idle. Long work is shown from now on. */
  public void start() {
    Logs.show(line -> spec.commandLine().getErr().println("atelier: " + line));
    computing()
        .warning()
        .ifPresent(warning -> spec.commandLine().getErr().println("atelier: " + warning));
  }

  /** The same for a model; warns if the storage changes none of its weights. */
  public void start(PipelineFolder folder) {
    start();
    UnreadStorage.line(folder)
        .ifPresent(line -> spec.commandLine().getErr().println("atelier: warning: " + line));
  }

  /** Starts libtorch, and returns what it computes on. */
  public Machine.Computing computing() {
    return Machine.start(count(), device, new Placement(device, storage, compute).types());
  }

  /** Computes as a run does, but on the device of the option, if one is given. */
  public void take(Placement placement) {
    device = device == DeviceChoice.AUTO ? placement.device() : device;
    compute = placement.compute();
    storage = placement.storage();
  }

  /** Types in which the model is used. */
  public ModelTypes types() {
    return new ModelTypes(storage, storage, compute);
  }

  /** Native threads. */
  public int count() {
    if (threads < 0 || threads > MOST) {
      throw new ParameterException(
          spec.commandLine(),
          "--threads %d must be 1 to %d, or 0 for as many as there are cores"
              .formatted(threads, MOST));
    }
    return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
  }
}
