package io.atelier.actors.run.record;

import java.io.IOException;
import java.io.OutputStream;

/** Makes {@code report.html} from the other files of a run folder. */
@FunctionalInterface
public interface ReportPage {

  /**
   * Writes all of it.
   *
   * @param state of the run, as {@code run.json} has it
   * @throws IOException if a file of the run cannot be read, or {@code out} takes no more
   */
  void writeTo(OutputStream out, String state) throws IOException;
}
