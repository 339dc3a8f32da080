package io.atelier.actors.experiment;

import io.atelier.actors.config.section.InvalidConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Paths of the files and runs of an experiment, and the placeholders for them in the settings and
 * commands of its arms: {@code {NAME}} for a file, {@code {run.ARM}} for the run of a trained arm
 * with the same seed, {@code {runs.ARM}} for its runs with all seeds, as several words, and {@code
 * {seed}}.
 *
 * @param out folder of everything
 * @param files by their names
 * @param trained runs of the trained arms so far, by arm and seed
 */
record Places(Path out, Map<String, FileJob> files, Map<String, Map<Long, TrainedRun>> trained) {

  /** A placeholder; an object in a setting does not match, since its keys are in quotes. */
  static final Pattern WORD = Pattern.compile("\\{([A-Za-z0-9._-]+)}");

  private static final String SEED = "seed";
  private static final String RUN = "run.";
  private static final String RUNS = "runs.";

  /** Makes those of an experiment before its runs are added. */
  static Places of(Path out, List<FileJob> files) {
    Map<String, FileJob> byName = new LinkedHashMap<>();
    files.forEach(file -> byName.put(file.file(), file));
    return new Places(out, byName, new LinkedHashMap<>());
  }

  /** Returns the folder of all runs. */
  Path runs() {
    return out.resolve("runs");
  }

  /** Returns the words with placeholders replaced by absolute paths. */
  List<String> fill(List<String> words, long seed) {
    return replaced(words, seed, job -> path(job).toString());
  }

  /** As {@link #fill}, with paths relative to {@link #out}: the same wherever that is. */
  List<String> name(List<String> words, long seed) {
    return replaced(words, seed, job -> out.relativize(path(job)).toString());
  }

  private static Path path(Job job) {
    return job instanceof FileJob file ? file.path() : job.place();
  }

  /** Returns the jobs whose paths the words refer to. */
  List<Job> needs(List<String> words, long seed) {
    Set<Job> needs = new LinkedHashSet<>();
    replaced(
        words,
        seed,
        job -> {
          needs.add(job);
          return "";
        });
    return List.copyOf(needs);
  }

  private List<String> replaced(List<String> words, long seed, Function<Job, String> place) {
    List<String> filled = new ArrayList<>();
    for (String word : words) {
      Matcher whole = WORD.matcher(word);
      if (whole.matches() && whole.group(1).startsWith(RUNS)) {
        runs(whole.group(1), RUNS).values().forEach(run -> filled.add(place.apply(run)));
      } else {
        filled.add(
            WORD.matcher(word)
                .replaceAll(match -> Matcher.quoteReplacement(one(match.group(1), seed, place))));
      }
    }
    return filled;
  }

  private String one(String name, long seed, Function<Job, String> place) {
    if (name.equals(SEED)) {
      return Long.toUnsignedString(seed);
    }
    if (files.containsKey(name)) {
      return place.apply(files.get(name));
    }
    if (name.startsWith(RUN)) {
      return place.apply(runs(name, RUN).get(seed));
    }
    throw unknown(name);
  }

  private Map<Long, TrainedRun> runs(String name, String prefix) {
    Map<Long, TrainedRun> runs = trained.get(name.substring(prefix.length()));
    if (runs == null) {
      throw unknown(name);
    }
    return runs;
  }

  private InvalidConfigException unknown(String name) {
    Set<String> known = new TreeSet<>(files.keySet());
    known.add(SEED);
    trained.keySet().forEach(arm -> known.addAll(List.of(RUN + arm, RUNS + arm)));
    return new InvalidConfigException(
        "{%s} is not defined; there are {%s}".formatted(name, String.join("}, {", known)));
  }
}
