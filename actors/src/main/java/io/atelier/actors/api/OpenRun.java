package io.atelier.actors.api;

import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.guardian.RunSetup;
import io.atelier.actors.identity.Identity;
import io.atelier.actors.ledger.journal.LedgerFile;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.port.Amendable;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.Handover;
import io.atelier.actors.port.Transport;
import io.atelier.actors.report.StepState;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.file.WriteFailedException;
import io.atelier.actors.run.folder.RunFolder;
import io.atelier.actors.run.metrics.MeasuredPrompts;
import io.atelier.actors.run.picture.ShownImages;
import io.atelier.actors.run.record.RecorderPlan;
import io.atelier.actors.run.record.RunRecorder;
import io.atelier.actors.run.record.Terminal;
import io.atelier.actors.transport.RunKey;
import io.atelier.actors.web.RunReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** An open run folder, with everything that the actors of the run are created from. */
public final class OpenRun implements AutoCloseable {

  private final RunFolder folder;
  private final LedgerFile ledger;
  private final RunRecorder recorder;
  private final RunSetup setup;
  private final Terminal terminal;
  private final OptionalInt failedAt;

  private OpenRun(
      RunFolder folder,
      LedgerFile ledger,
      RunRecorder recorder,
      RunSetup setup,
      Terminal terminal,
      OptionalInt failedAt) {
    this.folder = folder;
    this.ledger = ledger;
    this.recorder = recorder;
    this.setup = setup;
    this.terminal = terminal;
    this.failedAt = failedAt;
  }

  /**
   * Opens the files of a run. Takes ownership of {@code folder}, even if this fails.
   *
   * @param identity of the run
   * @param resume the checkpoint to resume from; empty to start
   * @param transport how the actors exchange bytes
   * @param workers workers in this JVM; empty if the nodes of a cluster have them
   */
  public static OpenRun open(
      RunFolder folder,
      TrainConfig config,
      Identity identity,
      ComputeFactory compute,
      Optional<StepState> resume,
      Transport transport,
      Optional<RunSetup.Workers> workers,
      Terminal terminal,
      Clock clock) {
    LedgerFile ledger = null;
    try {
      OptionalInt failedAt = folder.failedAt();
      ledger = ledger(folder, resume, terminal);
      RunRecorder recorder =
          new RunRecorder(
              folder,
              new RecorderPlan(
                  config.run().steps(),
                  config.rollout().groupSize(),
                  config.learner().updatesPerStep(),
                  config.checkpoint().keep(),
                  config.learner().advantage().weighting().comparesWithinGroup(),
                  config.schedule().mode() == Schedule.Mode.FREE_RUNNING
                      ? OptionalInt.of(config.schedule().policyLag())
                      : OptionalInt.empty(),
                  compute.data().heldOut().trained()
                      ? MeasuredPrompts.TRAINED
                      : MeasuredPrompts.HELD_OUT,
                  prompt -> compute.data().heldOut().own(prompt, ShownImages.REFERENCES)),
              resume.map(StepState::step).orElse(0),
              RunReport.of(folder.files().root(), clock),
              clock,
              terminal);
      Amendable amendable = RunAmendments.amendable(config, compute);
      RunSetup setup =
          new RunSetup(
              Atelier.ledger(config, compute),
              folder.epoch(),
              folder.isPaused(),
              identity,
              RunKey.fresh(),
              workers,
              compute.compute(),
              compute::prompt,
              Handover.of(resume),
              RunAmendments.of(folder, config, amendable, resume.isEmpty()),
              amendable,
              recorder.evaluated(),
              transport,
              clock,
              ledger,
              recorder.trace(),
              Optional.of(
                  new RunSetup.Pictures(
                      config.pictures().made(),
                      recorder.pictures(
                          config.pictures().megabytes(), config.pictures().groups()))),
              recorder);
      return new OpenRun(folder, ledger, recorder, setup, terminal, failedAt);
    } catch (RuntimeException e) {
      close(ledger);
      abandon(folder, terminal);
      throw e;
    }
  }

  private static void abandon(RunFolder folder, Terminal terminal) {
    folder
        .abandon()
        .ifPresent(
            log ->
                terminal.line(
                    "nothing was recorded, so run folder %s is as it was before; the log is %s"
                        .formatted(folder.files().root(), log)));
  }

  /**
   * Opens the ledger. A run without a checkpoint starts over; what an earlier try wrote before its
   * first checkpoint is kept.
   */
  private static LedgerFile ledger(
      RunFolder folder, Optional<StepState> resume, Terminal terminal) {
    Path path = folder.files().ledger();
    try {
      if (resume.isPresent()) {
        return LedgerFile.resume(
            path, resume.get().ledger().journalLength(), folder.aside(path), folder::requireMine);
      }
      List<Path> kept = folder.putAside();
      if (!kept.isEmpty()) {
        terminal.line("what was written before there was a checkpoint is kept: " + kept);
      }
      return LedgerFile.create(path);
    } catch (IOException e) {
      throw new WriteFailedException(path, e);
    }
  }

  /** Steps trained when the previous process failed; empty if it did not. */
  public OptionalInt failedAt() {
    return failedAt;
  }

  public RunFiles files() {
    return folder.files();
  }

  public RunRecorder recorder() {
    return recorder;
  }

  /** The terminal that shows the run. */
  public Terminal terminal() {
    return terminal;
  }

  public RunSetup setup() {
    return setup;
  }

  /**
   * Releases the folder; the actors must have ended. Restores the folder of a run that failed
   * before it recorded anything to its previous state.
   */
  @Override
  public void close() {
    close(ledger);
    if (recorder.failed()) {
      abandon(folder, terminal);
    } else {
      folder.close();
    }
  }

  private static void close(LedgerFile ledger) {
    if (ledger != null) {
      try {
        ledger.close();
      } catch (IOException e) {
        throw new WriteFailedException(Path.of("ledger"), e);
      }
    }
  }
}
