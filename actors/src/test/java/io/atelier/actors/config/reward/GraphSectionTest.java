package io.atelier.actors.config.reward;

import static io.atelier.reward.graph.Node.constant;
import static io.atelier.reward.graph.Node.gate;
import static io.atelier.reward.graph.Node.leaf;
import static io.atelier.reward.graph.Node.meanMinusStd;
import static io.atelier.reward.graph.Node.median;
import static io.atelier.reward.graph.Node.route;
import static io.atelier.reward.graph.Node.sum;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.reward.graph.Node;
import io.atelier.reward.graph.Over;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GraphSectionTest {

  @TempDir Path folder;

  private static Node graph(String... overrides) {
    return TrainConfig.load("dev", overrides).reward().graph().orElseThrow();
  }

  @Test
  void shouldReadEveryForm() {
    assertEquals(leaf("jpeg"), graph("reward.graph=jpeg"));
    assertEquals(
        sum(
            leaf("adversarial").normalised(Over.GROUP).weight(0.7),
            leaf("jpeg").clip(-1, 0).named("small").weight(-0.3),
            leaf("jpeg").weight(0),
            constant(2)),
        graph(
            "reward.graph.sum=[{normalise=adversarial, over=group, weight=0.7},"
                + " {clip={leaf=jpeg}, from=-1, to=0, weight=-0.3, name=small},"
                + " {leaf=jpeg, weight=0}, 2]"));
    assertEquals(
        gate(leaf("jpeg"), -0.5, median(leaf("adversarial"), constant(1)), leaf("jpeg").sigmoid()),
        graph(
            "reward.graph.gate=jpeg",
            "reward.graph.threshold=-0.5",
            "reward.graph.open={median=[adversarial, 1]}",
            "reward.graph.shut.sigmoid=jpeg"));
    assertEquals(
        route("kind", Map.of("text", leaf("jpeg"), "2.5", constant(0)), leaf("adversarial")),
        graph(
            "reward.graph={route=kind, cases { text = jpeg, \"2.5\" = 0 }, default = adversarial}"));
    assertEquals(
        meanMinusStd(2, leaf("jpeg"), leaf("adversarial")).weight(10),
        graph("reward.graph={mean-minus-std=[jpeg, adversarial], factor=2, weight=10}"));
    assertEquals(
        leaf("jpeg").runningNormalised(0.9).plus(leaf("jpeg").normalised(Over.PREVIOUS_STEP)),
        graph(
            "reward.graph.sum=[{normalise=jpeg, over=running, momentum=0.9},"
                + " {normalise=jpeg, over=previous-step}]"));
    assertEquals(
        leaf("jpeg").scheduled(1, -0.5, 10, 50).named("fading").weight(2),
        graph(
            "reward.graph={schedule=jpeg, from=1, to=-0.5, start=10, end=50, name=fading,"
                + " weight=2}"));
    assertEquals(Optional.empty(), TrainConfig.load("dev").reward().graph());
    assertEquals(
        TrainConfig.load("dev").deciding(), TrainConfig.load("dev", "reward.graph={}").deciding());
  }

  @Test
  void shouldScoreWhatTheGraphNamesAndNothingElse() {
    RewardConfig jpeg = TrainConfig.load("dev", "reward.graph={leaf=jpeg, weight=500}").reward();
    assertEquals(List.of(), jpeg.learned());
    assertTrue(jpeg.scoresJpeg());
    RewardConfig low =
        TrainConfig.load(
                "jpeg", "reward.critics.low.weight=0", "reward.graph.product=[low, adversarial]")
            .reward();
    assertEquals(
        List.of("adversarial", "low"),
        low.learned().stream().map(AdversarialConfig::name).toList());
    assertFalse(low.scoresJpeg());
  }

  @Test
  void shouldBeReadBackFromARunFolder() throws IOException {
    Path own =
        Files.writeString(
            folder.resolve("my.conf"),
            """
            reward.critics.low.weight = 0
            reward.graph {
              gate = { mean = [adversarial, low], name = critics }
              threshold = 0
              open { route = kind, cases { face = low }, default = adversarial }
              shut = { leaf = jpeg, weight = 2 }
            }
            """);
    TrainConfig config = TrainConfig.load("dev", List.of(own), List.of("reward.graph.threshold=1"));
    Path file = Files.writeString(folder.resolve("config.conf"), config.render());
    TrainConfig again = TrainConfig.read(file, List.of());
    assertEquals(config.reward(), again.reward());
    assertEquals(config.deciding(), again.deciding());
    assertEquals(
        1, ((Node.Gate) again.reward().graph().orElseThrow()).threshold(), "the command line wins");
    assertFalse(TrainConfig.changeable("reward.graph.sum"));
    // what decides is told in one order, in whatever one its keys came
    String list = "{schedule=jpeg, from=0, to=2, start=0, end=2}, {over=group, normalise=jpeg}";
    TrainConfig other = TrainConfig.load("dev", "reward.graph.sum=[%s]".formatted(list));
    assertEquals(
        "[{end=2, from=0, schedule=jpeg, start=0, to=2}, {normalise=jpeg, over=group}]",
        other.deciding().get("reward.graph.sum"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "reward.graph=3 | reward.graph names no reward, so that every image would get the same | name one of adversarial, aesthetic",
        "reward.graph=null | reward.graph has no value | command line",
        "reward.graph=true | reward.graph = true must be the name of a reward, a number, or one of leaf, sum | command line",
        "reward.graph=[jpeg] | reward.graph = [\"jpeg\"] must be the name of a reward | command line",
        "reward.graph.sum=[jpg] | reward.graph names the reward \"jpg\", which does not exist; did you mean jpeg? | command line",
        "reward.graph.sum=[jpeg, {clip=jpeg, from=0, too=1}] | unknown key reward.graph.sum[1].too (set by the command line); did you mean to? | from, name, to, weight",
        "reward.graph.sum=[{clip=jpeg, from=1, to=0}] | reward.graph.sum[0]: a clip goes from 1.0 to 0.0 | command line",
        "reward.graph.sum=[{clip=jpeg, to=0}] | reward.graph.sum[0].from has no value | command line",
        "reward.graph.sum=[] | reward.graph: a sum has no parts; give it one | command line",
        "reward.graph.sum=jpeg | reward.graph.sum = \"jpeg\" must be a list | command line",
        "reward.graph.sum.a=jpeg | reward.graph.sum = {\"a\":\"jpeg\"} must be a list | command line",
        "reward.graph={sum=[jpeg], product=[jpeg]} | reward.graph is both sum (set by the command line) and product | leave one out",
        "reward.graph.som=[jpeg] | reward.graph has the keys som | none says what it is; give it one of leaf, sum",
        "reward.graph={leaf=jpeg, weight=NaN} | reward.graph.weight = \"NaN\" must be a number | command line",
        "reward.graph={leaf=jpeg, weight=1e999} | reward.graph: a weight of the graph is Infinity, must be a finite number | command line",
        "reward.graph={leaf=jpeg, name=\"\"} | reward.graph.name = \"\" must be a text | command line",
        "reward.graph={sum=[{leaf=jpeg, name=x}, {sigmoid=jpeg, name=x}]} | reward.graph has two nodes that are called \"x\" | another name",
        "reward.graph={leaf=jpeg, name=jpeg} | reward.graph has two nodes that are called \"jpeg\", one of them a reward | another name",
        "reward.graph={normalise=jpeg, over=run} | reward.graph.over = \"run\" must be one of group, step, previous-step, running | command line",
        "reward.graph={normalise=jpeg, over=running} | reward.graph.momentum has no value | command line",
        "reward.graph={normalise=jpeg, over=step, momentum=0.9} | reward.graph.momentum = 0.9 counts only where over is running; leave it out | command line",
        "reward.graph={normalise=jpeg, over=running, momentum=1} | reward.graph: the momentum of the graph is 1.0, must be at least 0 and less than 1 | command line",
        "reward.graph={schedule=jpeg, from=0, to=1, start=5, end=2} | reward.graph: a schedule goes from step 5 to step 2 | command line",
        "reward.graph={schedule=jpeg, from=0, to=1, start=0.5, end=2} | reward.graph.start = 0.5 must be the number of a step | command line",
        "reward.graph={schedule=jpeg, from=0, to=1, start=0} | reward.graph.end has no value | command line",
        "reward.graph={route=kind, cases {a=jpeg}} | reward.graph.default has no value | command line",
        "reward.graph={route=kind, cases {}, default=jpeg} | reward.graph: a route by \"kind\" has no cases | command line",
        "reward.graph={route=kind, cases=jpeg, default=jpeg} | reward.graph.cases = \"jpeg\" must have a key for each value | command line",
        "reward.graph.sum=[jpeg, null] | reward.graph.sum[1] = null must be the name of a reward | command line",
        "reward.graph=pickscore | reward.pickscore.model is empty, must name the folder of a CLIP, since reward.graph names it | the default",
        "reward.grph=jpeg | unknown key reward.grph (set by the command line) | did you mean reward.graph?",
      })
  void shouldNameWhatIsWrong(String override, String begin, String end) {
    String told =
        assertThrows(InvalidConfigException.class, () -> TrainConfig.load("dev", override))
            .getMessage();
    assertTrue(told.startsWith(begin) && told.contains(end), told);
  }

  @Test
  void shouldReadTheExamplesThatAreShown() throws IOException {
    Path root = Path.of(System.getProperty("atelier.root"));
    String readme = Files.readString(root.resolve("README.md"));
    List<String> examples = new ArrayList<>();
    Matcher block =
        Pattern.compile("```\n(reward\\.graph \\{.*?)```", Pattern.DOTALL).matcher(readme);
    assertTrue(block.find(), "README.md shows no graph");
    examples.add(block.group(1));
    readme.lines().filter(line -> line.startsWith("    reward.graph {")).forEach(examples::add);
    String reference =
        Files.readString(
            root.resolve("actors/src/main/resources/io/atelier/actors/config/reference.conf"));
    Matcher line = Pattern.compile("#   (graph \\{ sum .*)").matcher(reference);
    assertTrue(line.find(), "reference.conf shows no graph");
    examples.add("reward { %s }".formatted(line.group(1)));
    assertEquals(4, examples.size(), examples.toString());
    for (String example : examples) {
      Path file = Files.writeString(folder.resolve("example.conf"), example);
      TrainConfig config =
          TrainConfig.load(
              "dev",
              List.of(file),
              List.of(
                  "reward.clip-score.model=a",
                  "reward.hpsv2.model=b",
                  "reward.aesthetic.model=c",
                  "reward.aesthetic.head=d"));
      assertTrue(config.reward().graph().isPresent(), example);
    }
  }

  @Test
  void shouldBeTakenAwayByAnEmptyOneAndReplacedByAName() {
    String graph = "reward.graph.sum=[adversarial, jpeg]";
    assertEquals(
        TrainConfig.load("dev").reward(),
        TrainConfig.load("dev", graph, "reward.graph={}").reward());
    assertEquals(leaf("jpeg"), graph(graph, "reward.graph=jpeg"));
    String both =
        assertThrows(
                InvalidConfigException.class,
                () -> TrainConfig.load("dev", graph, "reward.graph.min=[jpeg]"))
            .getMessage();
    assertTrue(both.startsWith("reward.graph is both sum"), both);
  }

  @Test
  void shouldNameTheLineOfAFile() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("my.conf"),
            """
            reward.graph {
              sum = [
                adversarial
                { gate = jpeg, threshold = high, open = 1, shut = 0 }
              ]
            }
            """);
    String told =
        assertThrows(
                InvalidConfigException.class,
                () -> TrainConfig.load("dev", List.of(file), List.of()))
            .getMessage();
    assertEquals(
        "reward.graph.sum[1].threshold = \"high\" must be a number (set by %s: 4)".formatted(file),
        told);
  }
}
