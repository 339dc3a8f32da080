package io.atelier.actors.experiment;

import java.util.List;

/** One of the variants that an experiment compares, run with several seeds. */
sealed interface Arm {

  /** Returns the name, unique within the experiment. */
  String name();

  /**
   * A training run.
   *
   * @param preset that the configuration begins with
   * @param settings {@code key=value} pairs on top of the preset; {@code {NAME}} stands for a file
   */
  record Trained(String name, String preset, List<String> settings) implements Arm {

    public Trained {
      settings = List.copyOf(settings);
    }
  }

  /**
   * A command of {@code ./atelier} that prints its measurements as a line of JSON.
   *
   * @param command its words; {@code {NAME}} is a placeholder, see {@link Places}
   */
  record Measured(String name, List<String> command) implements Arm {

    public Measured {
      command = List.copyOf(command);
    }
  }
}
