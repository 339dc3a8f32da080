package io.atelier.actors.config.reward;

import static io.atelier.actors.config.section.Rules.require;

import io.atelier.actors.config.section.Section;
import io.atelier.actors.config.section.ServerConfig;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * A model behind an OpenAI-compatible endpoint that says which of two images is better.
 *
 * @param name under which its scores are reported
 * @param weight in the reward; 0 leaves it out
 * @param server that pairs are posted to; its cache holds answers
 * @param keyVariable environment variable that holds the key of the server; empty for none
 * @param pairs which images are compared
 * @param question that is asked about a pair
 */
public record JudgeConfig(
    String name,
    double weight,
    ServerConfig server,
    String keyVariable,
    Pairs pairs,
    Question question) {

  /** Which images are compared. */
  public enum Pairs {
    /** Every image of a group against every other. */
    ALL,
    /** Every image of a group against a reference of its prompt. */
    ANCHOR,
    /** None: each image is judged alone, by a yes-or-no question; no is better. */
    NONE;

    /** As it is written in a configuration. */
    public String key() {
      return Section.spelled(this);
    }
  }

  /** How a request encodes an image. */
  public enum Format {
    PNG,
    JPEG;

    /** As it is written in a configuration. */
    public String key() {
      return Section.spelled(this);
    }
  }

  /**
   * The question about a pair; all of it decides the answers.
   *
   * @param model that answers, by the server's name for it
   * @param instruction to the model; {@link #PROMPT} in it stands for the prompt
   * @param images how requests encode them
   * @param bothOrders whether each image is shown first once, so that a bias towards the first one
   *     cancels
   * @param votes answers for each order, at least 1
   * @param temperature of the model, 0 to 2
   * @param maxTokens most tokens of an answer, reasons included, at least 1
   * @param logProbabilities whether log-probabilities of the letters are requested
   */
  public record Question(
      String model,
      String instruction,
      Format images,
      boolean bothOrders,
      int votes,
      double temperature,
      int maxTokens,
      boolean logProbabilities) {

    /** Stands for the prompt in an instruction. */
    public static final String PROMPT = "{prompt}";

    public Question {
      require(!model.isEmpty(), "model is empty, must name the model as the server calls it");
      require(
          instruction.contains(PROMPT),
          "instruction has no %s, without which the model does not know what the images should show",
          PROMPT);
      require(votes >= 1, "votes is %d, must be at least 1", votes);
      require(
          temperature >= 0 && temperature <= 2, "temperature is %s, must be 0 to 2", temperature);
      require(
          votes == 1 || temperature > 0,
          "votes is %d, which needs a temperature above 0: at 0 all answers are the same",
          votes);
      require(maxTokens >= 1, "max-tokens is %d, must be at least 1", maxTokens);
    }
  }

  private static final Pattern YES_OR_NO = Pattern.compile("(?i)\\byes\\b.*\\bno\\b");

  public JudgeConfig {
    require(weight >= 0, "weight is %s, must not be negative", weight);
    require(
        keyVariable.matches("[A-Za-z_][A-Za-z0-9_]*|"),
        "key-variable must be the name of an environment variable that holds the key, never the"
            + " key");
    if (pairs == Pairs.NONE) {
      require(
          question.logProbabilities(),
          "log-probabilities is false, must be true with pairs=none: what counts are those of yes"
              + " and no");
      require(question.votes() == 1, "votes is %d, must be 1 with pairs=none", question.votes());
      require(
          YES_OR_NO.matcher(question.instruction()).find(),
          "instruction does not ask for yes or no, as it must with pairs=none; no is better");
    }
  }

  static JudgeConfig from(String name, Section section) {
    return section.build(
        () ->
            new JudgeConfig(
                name,
                section.decimal("weight"),
                ServerConfig.from(section, "http://127.0.0.1:8000/v1/chat/completions"),
                section.text("key-variable"),
                section.choice("pairs", Pairs.class),
                new Question(
                    section.text("model"),
                    section.text("instruction"),
                    section.choice("images", Format.class),
                    section.flag("both-orders"),
                    section.integer("votes"),
                    section.decimal("temperature"),
                    section.integer("max-tokens"),
                    section.flag("log-probabilities"))));
  }

  /** Its path in the configuration. */
  public String section() {
    return server.section();
  }

  /** Returns how many calls a group of so many images takes. */
  public long calls(int images) {
    if (pairs == Pairs.NONE) {
      return images;
    }
    long of = pairs == Pairs.ALL ? images * (images - 1L) / 2 : images;
    return of * (question.bothOrders() ? 2 : 1) * question.votes();
  }

  /**
   * Returns the longest time of a group, after which it is put off with the answers so far: that of
   * its calls if each takes its whole timeout, plus the patience.
   *
   * @param images of a group
   * @param workers of this process that ask at the same time
   */
  public Duration longest(int images, int workers) {
    long rounds = (calls(images) * workers + server.parallel() - 1) / server.parallel();
    return server.timeout().multipliedBy(rounds).plus(server.patience());
  }
}
