package io.atelier.actors.web;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.atelier.actors.port.Clock;
import io.atelier.actors.run.record.ReportPage;
import io.atelier.actors.web.index.Answer;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The page of one run as a file that needs no server: its modules, the answers that a server would
 * give them, and small pictures. It is made from the files of the run alone. Thread-safe.
 */
public final class RunReport implements ReportPage {

  private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z.]+)}}");

  /** JSON within a script element must not end it. */
  private static final ObjectWriter DATA =
      Answer.JSON.writer(new ScriptEscapes()).without(JsonGenerator.Feature.AUTO_CLOSE_TARGET);

  private final ReportData data;
  private final PageFiles pages = new PageFiles();

  private RunReport(ReportData data) {
    this.data = data;
  }

  /**
   * Makes the report of the run in this folder, which need not have any file yet.
   *
   * @throws UncheckedIOException if there is no such folder
   */
  public static RunReport of(Path folder, Clock clock) {
    try {
      return new RunReport(new ReportData(folder.toRealPath(), clock));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes the content of a placeholder of the page. */
  @FunctionalInterface
  private interface Part {
    void write(Writer out) throws IOException;
  }

  @Override
  public synchronized void writeTo(OutputStream out, String state) throws IOException {
    Map<String, Object> answers = data.answers(state);
    Map<String, Part> parts =
        Map.of(
            "icon", page -> page.write(pages.dataUri("/icon.svg")),
            "uplot.css", page -> page.write(pages.text("/uplot.css")),
            "style.css", page -> page.write(pages.text("/style.css")),
            "modules", page -> DATA.writeValue(page, Map.of("imports", pages.imports())),
            "data", page -> DATA.writeValue(page, answers));
    String template = PageFiles.report();
    Writer page = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    Matcher place = PLACE.matcher(template);
    int from = 0;
    while (place.find()) {
      page.write(template, from, place.start() - from);
      parts.get(place.group(1)).write(page);
      from = place.end();
    }
    page.write(template, from, template.length() - from);
    page.flush();
  }

  private static final class ScriptEscapes extends CharacterEscapes {

    private static final long serialVersionUID = 1;

    @Override
    public int[] getEscapeCodesForAscii() {
      int[] codes = standardAsciiEscapesForJSON();
      codes['<'] = ESCAPE_STANDARD;
      return codes;
    }

    @Override
    public SerializableString getEscapeSequence(int character) {
      return null; // the standard one
    }
  }
}
