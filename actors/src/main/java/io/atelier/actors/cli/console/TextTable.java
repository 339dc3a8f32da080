package io.atelier.actors.cli.console;

import java.util.ArrayList;
import java.util.List;

/** Columns of text, each as wide as its widest cell, except the last. */
public final class TextTable {

  private final List<String[]> rows = new ArrayList<>();

  public TextTable(String... header) {
    rows.add(header);
  }

  /** Adds a row of as many cells as the header has. */
  public void add(String... cells) {
    rows.add(cells);
  }

  public List<String> lines() {
    return rows.stream().map(this::line).toList();
  }

  private String line(String[] cells) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < cells.length; column++) {
      line.append(cells[column]);
      if (column < cells.length - 1) {
        int here = column;
        int width = rows.stream().mapToInt(row -> row[here].length()).max().orElse(0);
        line.append(" ".repeat(width - cells[column].length() + 2));
      }
    }
    return line.toString();
  }
}
