package io.atelier.actors.cli.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atelier.actors.api.offline.CriticAudit;
import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.option.Converters;
import io.atelier.actors.cli.option.EngineOptions;
import io.atelier.actors.cli.option.TrainedWeights;
import io.atelier.actors.config.TrainConfig;
import io.atelier.reward.adversarial.PlaceAudit;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "audit-places",
    description =
        "Says whether a run's critic knows which places of an image are damaged, for"
            + " learner.credit.places.source=critic.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "A quadrant of each of some references is blurred. auroc: probability that a damaged place has a",
      "lower score than one that is not, .5 by chance; undamaged: the same before the damage; change:",
      "the same for what the damage added to the scores. Below .65 do not train on them.",
      "",
      "Examples:",
      "  ./atelier audit-places runs/001",
      "  ./atelier audit-places runs/001/checkpoints/step-000040 --images 100 --json",
    })
public final class AuditPlacesCommand implements Callable<Integer> {

  private static final int MOST_IMAGES = 100_000;
  private static final double MOST_BLUR = 32;

  @Parameters(
      paramLabel = "CHECKPOINT",
      description = "A checkpoint folder, or a run folder for its newest one.")
  private Path checkpoint;

  @Option(
      names = "--images",
      paramLabel = "N",
      description = "Most references that are used (default: ${DEFAULT-VALUE}).",
      defaultValue = "200")
  private int images;

  @Option(
      names = "--blur",
      paramLabel = "PIXELS",
      description =
          "Standard deviation of the blur for an image 64 pixels wide (default: ${DEFAULT-VALUE}).",
      defaultValue = "2")
  private double blur;

  @Option(
      names = "--seed",
      description = "Decides which references and quadrants (default: ${DEFAULT-VALUE}).",
      defaultValue = "1",
      converter = Converters.SeedConverter.class)
  private long seed;

  @Option(names = "--json", description = "Print one line of JSON.")
  private boolean json;

  @Mixin private EngineOptions engine;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws JsonProcessingException {
    if (images < 1 || images > MOST_IMAGES) {
      throw wrong("--images %s must be 1 to %s", images, MOST_IMAGES);
    }
    if (!(blur > 0 && blur <= MOST_BLUR)) {
      throw wrong("--blur %s must be above 0 and at most %s", blur, MOST_BLUR);
    }
    Path source = TrainedWeights.newest(checkpoint);
    TrainConfig config = TrainedWeights.config(source);
    engine.start();
    print(figures(CriticAudit.places(source, config, images, blur, seed)));
    return ExitCode.DONE;
  }

  private ParameterException wrong(String what, Object... values) {
    return new ParameterException(spec.commandLine(), what.formatted(values));
  }

  private static Map<String, Number> figures(PlaceAudit audit) {
    Map<String, Number> figures = new LinkedHashMap<>();
    figures.put("images", audit.images());
    figures.put("damaged", audit.damaged());
    figures.put("auroc", audit.auroc());
    figures.put("undamaged", audit.undamaged());
    figures.put("change", audit.change());
    audit.maps().forEach((map, auroc) -> figures.put("auroc/" + map, auroc));
    return figures;
  }

  private void print(Map<String, Number> figures) throws JsonProcessingException {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(JsonMapper.builder().build().writeValueAsString(figures));
    } else {
      figures.forEach(
          (name, value) ->
              out.println(String.format(Locale.ROOT, "%-12s %.4g", name, value.doubleValue())));
    }
    out.flush();
  }
}
