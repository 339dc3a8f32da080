package io.atelier.actors.run.record;

import java.io.IOException;
import java.io.OutputStream;

/** Creates {@code report.html} from the other files of a run folder. */
@FunctionalInterface
public interface ReportPage {

  /**
   * Writes the whole page.
   *
   * @param state of the run, as in {@code run.json}
   * @throws IOException if a file of the run cannot be read, or {@code out} cannot be written
   */
  void writeTo(OutputStream out, String state) throws IOException;
}
