package io.atelier.actors.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atelier.actors.run.alarm.RunCurves;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.models.files.Sha256;
import io.atelier.models.files.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The command of an arm with one seed.
 *
 * @param arm that is measured
 * @param seed of the run
 * @param place file that keeps the line of JSON
 * @param named words of the command, placeholders replaced by paths relative to the output folder
 * @param arguments words of the command, placeholders replaced by absolute paths
 * @param needs runs and files that it reads
 */
record MeasuredRun(
    Arm.Measured arm,
    long seed,
    Path place,
    List<String> named,
    List<String> arguments,
    List<Job> needs)
    implements ArmRun {

  private static final TypeReference<TreeMap<String, Double>> FIGURES = new TypeReference<>() {};
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  static MeasuredRun of(Arm.Measured arm, long seed, Places places) {
    List<String> named = places.name(arm.command(), seed);
    String hash = Sha256.of(String.join("\n", named)).substring(0, LETTERS);
    String name = "%s-%s-seed-%s.json".formatted(named.get(0), hash, Long.toUnsignedString(seed));
    return new MeasuredRun(
        arm,
        seed,
        places.runs().resolve(name),
        named,
        places.fill(arm.command(), seed),
        places.needs(arm.command(), seed));
  }

  @Override
  public String name() {
    return ArmRun.name(arm, seed);
  }

  @Override
  public SortedMap<String, String> deciding() {
    return new TreeMap<>(Map.of("command", String.join(" ", named)));
  }

  @Override
  public boolean stopsWithInput() {
    return false;
  }

  @Override
  public String end(Optional<String> figures) {
    if (figures.isEmpty()) {
      return "%s printed no line of JSON; give it --json".formatted(arm.command().get(0));
    }
    try {
      JSON.readValue(figures.get(), FIGURES);
    } catch (JsonProcessingException e) {
      return "%s printed JSON that is not one of names and numbers: %s"
          .formatted(arm.command().get(0), e.getOriginalMessage());
    }
    try {
      WholeFile.write(place, figures.get().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return "";
  }

  @Override
  public Optional<RunCurves> curves() {
    if (Files.notExists(place)) {
      return Optional.empty();
    }
    try {
      Map<String, Double> line = JSON.readValue(Files.readString(place), FIGURES);
      return Optional.of(new RunCurves(new TreeMap<>(), new TreeMap<>(Map.of(0, line))));
    } catch (JsonProcessingException e) {
      throw new RunFolderException(
          "%s is damaged: %s; delete it".formatted(place, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
