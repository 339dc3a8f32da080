package io.atelier.actors.experiment;

import java.util.List;

/** One of the things that an experiment compares, done with several seeds. */
sealed interface Arm {

  /** Within its experiment. */
  String name();

  /**
   * A training run.
   *
   * @param preset with which the configuration begins
   * @param settings {@code key=value} pairs on top of the preset; {@code {NAME}} stands for a file
   */
  record Trained(String name, String preset, List<String> settings) implements Arm {

    public Trained {
      settings = List.copyOf(settings);
    }
  }

  /**
   * A command of {@code ./atelier} that prints what it measured as a line of JSON.
   *
   * @param command its words; {@code {NAME}} stands for something, see {@link Places}
   */
  record Measured(String name, List<String> command) implements Arm {

    public Measured {
      command = List.copyOf(command);
    }
  }
}
