package io.atelier.actors.cli.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atelier.actors.api.assembly.Assembly;
import io.atelier.actors.api.offline.SelfTrainingTrial;
import io.atelier.actors.api.offline.SelfTrainingTrial.Result;
import io.atelier.actors.api.offline.SelfTrainingTrial.Tested;
import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.console.TextTable;
import io.atelier.actors.cli.option.Converters;
import io.atelier.actors.cli.option.EngineOptions;
import io.atelier.models.assets.EmbeddedModel;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.reward.preference.DrawingAnnotator;
import io.atelier.reward.preference.PairTraining;
import io.atelier.reward.preference.SelfTraining;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "self-training",
    description =
        "Tries self-training on images of the embedded base: a small head learns from few labelled"
            + " pairs which image is preferred, then from pairs that it labels for itself.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Pairs are labelled by a fixed rule that the head does not see: the better image is nearer to",
      "the prompt's 3D drawing in the latents of the autoencoder. Nothing is written.",
      "",
      "Examples:",
      "  ./atelier self-training",
      "  ./atelier self-training --seed 2 --json",
      "  ./atelier self-training --labelled 300 --confidence 0.9 --votes 9",
    })
public final class SelfTrainingCommand implements Callable<Integer> {

  @Option(
      names = "--labelled",
      paramLabel = "N",
      description = "Labelled pairs (default: ${DEFAULT-VALUE}).",
      defaultValue = "100")
  private int labelled;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Rounds of self-training (default: ${DEFAULT-VALUE}).",
      defaultValue = "3")
  private int rounds;

  @Option(
      names = "--unlabelled",
      paramLabel = "N",
      description = "Further pairs of each round (default: ${DEFAULT-VALUE}).",
      defaultValue = "1000")
  private int unlabelled;

  @Option(
      names = "--tested",
      paramLabel = "N",
      description = "Pairs of held-out prompts to test on (default: ${DEFAULT-VALUE}).",
      defaultValue = "1000")
  private int tested;

  @Option(
      names = "--images",
      paramLabel = "N",
      description =
          "Images of each prompt, all pairs of which are used; more make fewer prompts (default:"
              + " ${DEFAULT-VALUE}).",
      defaultValue = "5")
  private int images;

  @Option(
      names = "--confidence",
      paramLabel = "P",
      description =
          "Least mean probability over the votes to accept a head's own label, above 0.5 and below 1"
              + " (default: ${DEFAULT-VALUE}).",
      defaultValue = "0.8")
  private double confidence;

  @Option(
      names = "--votes",
      paramLabel = "N",
      description =
          "Passes of a head over each pair, each with other features dropped; the majority is the"
              + " label; odd (default: ${DEFAULT-VALUE}).",
      defaultValue = "5")
  private int votes;

  @Option(
      names = "--seed",
      description = "Decides everything random, 0 to 2^64 - 1 (default: ${DEFAULT-VALUE}).",
      defaultValue = "1",
      converter = Converters.SeedConverter.class)
  private long seed;

  @Option(names = "--json", description = "Print one line of JSON.")
  private boolean json;

  @Mixin private EngineOptions engine;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws JsonProcessingException {
    SelfTrainingTrial trial = trial();
    PipelineFolder model = Assembly.model(EmbeddedModel.EMOJI64, engine.types());
    engine.start(model);
    Result result = trial.run(model, engine.count());
    if (json) {
      String line = JsonMapper.builder().build().writeValueAsString(figures(result));
      spec.commandLine().getOut().println(line);
    } else {
      table(result).forEach(spec.commandLine().getOut()::println);
    }
    spec.commandLine().getOut().flush();
    return ExitCode.DONE;
  }

  private SelfTrainingTrial trial() {
    if (!(confidence > 0.5 && confidence < 1)) { // a label has at least half
      throw new ParameterException(
          spec.commandLine(),
          "--confidence %s must be above 0.5 and below 1".formatted(confidence));
    }
    try {
      SelfTraining loop = new SelfTraining(PairTraining.DEFAULT, confidence, votes);
      return new SelfTrainingTrial(labelled, rounds, unlabelled, tested, images, loop, seed);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /** Leaves out missing values: no number stands for them. */
  private static Map<String, Double> figures(Result result) {
    List<Tested> filtered = result.filtered();
    Map<String, Double> figures = new LinkedHashMap<>();
    double seedOnly = filtered.get(0).accuracy();
    figures.put("seedOnly", seedOnly);
    add(figures, "round", filtered);
    Tested last = filtered.get(filtered.size() - 1);
    Tested all = result.unfiltered().get(filtered.size() - 1);
    figures.put("unfiltered", all.accuracy());
    add(figures, "unfilteredRound", result.unfiltered());
    figures.put("gain", last.accuracy() - seedOnly);
    figures.put("firstRoundGain", filtered.get(1).accuracy() - seedOnly);
    if (last.accuracy() > seedOnly) {
      figures.put(
          "firstRoundShare",
          (filtered.get(1).accuracy() - seedOnly) / (last.accuracy() - seedOnly));
    }
    figures.put("gainOfFilter", last.accuracy() - all.accuracy());
    figures.put("withoutVerdicts", result.withoutVerdicts());
    figures.put("allLabelled", result.allLabelled());
    figures.put("labelledAgreement", result.labelledAgreement());
    String[] names = {"sharper", "moreColour", "closerShape"};
    for (int k = 0; k < names.length; k++) {
      put(figures, names[k], result.criteria().get(k));
    }
    return figures;
  }

  private static void add(Map<String, Double> figures, String name, List<Tested> rounds) {
    for (int i = 1; i < rounds.size(); i++) {
      figures.put(name + i, rounds.get(i).accuracy());
      figures.put(name + i + "Taken", (double) rounds.get(i).taken());
      put(figures, name + i + "Right", rounds.get(i).right());
    }
  }

  private static void put(Map<String, Double> figures, String name, OptionalDouble value) {
    value.ifPresent(number -> figures.put(name, number));
  }

  private List<String> table(Result result) {
    TextTable table = new TextTable("trained on", "taken", "right", "accuracy");
    table.add("labelled pairs", "-", "-", number(result.filtered().get(0).accuracy()));
    add(table, "round", result.filtered());
    add(table, "unfiltered, round", result.unfiltered());
    table.add("labelled, no verdicts", "-", "-", number(result.withoutVerdicts()));
    table.add("true labels of all", "-", "-", number(result.allLabelled()));
    List<String> lines = new ArrayList<>(table.lines());
    lines.add(
        "accuracy is of %d pairs of held-out prompts; the last head of the rounds orders %s of %d"
                .formatted(tested, number(result.labelledAgreement()), labelled)
            + " labelled pairs as they are labelled");
    StringBuilder criteria = new StringBuilder("accuracy of its verdicts:");
    for (int k = 0; k < DrawingAnnotator.CRITERIA.size(); k++) {
      criteria.append(k == 0 ? " " : ", ").append(DrawingAnnotator.CRITERIA.get(k)).append(' ');
      criteria.append(number(result.criteria().get(k)));
    }
    lines.add(criteria.toString());
    return lines;
  }

  private static void add(TextTable table, String name, List<Tested> rounds) {
    for (int i = 1; i < rounds.size(); i++) {
      Tested each = rounds.get(i);
      table.add(
          name + " " + i,
          "%d of %d".formatted(each.taken(), each.asked()),
          number(each.right()),
          number(each.accuracy()));
    }
  }

  private static String number(OptionalDouble value) {
    return value.isPresent() ? number(value.getAsDouble()) : "-";
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
