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
 * @param server where pairs are posted to; what it keeps are answers
 * @param keyVariable environment variable that holds the key of the server; empty for none
 * @param pairs which images are held against each other
 * @param question what a pair is asked
 */
public record JudgeConfig(
    String name,
    double weight,
    ServerConfig server,
    String keyVariable,
    Pairs pairs,
    Question question) {

  /** Which images are held against each other. */
  public enum Pairs {
    /** Every image of a group against every other. */
    ALL,
    /** Every image of a group against a reference of its prompt. */
    ANCHOR,
    /** None: each image alone, by a question that is answered by yes or no; no is better. */
    NONE;

    /** As it is written in a configuration. */
    public String key() {
      return Section.spelled(this);
    }
  }

  /** How an image travels. */
  public enum Format {
    PNG,
    JPEG;

    /** As it is written in a configuration. */
    public String key() {
      return Section.spelled(this);
    }
  }

  /**
   * What a pair is asked; all of it decides the answers.
   *
   * @param model that is to answer, as the server calls it
   * @param instruction what it is told; {@link #PROMPT} in it stands for the prompt
   * @param images how they travel
   * @param bothOrders whether each image is shown first once, so that a liking for the first one
   *     cancels
   * @param votes answers for each order, at least 1
   * @param temperature of the model, 0 to 2
   * @param maxTokens most tokens of an answer, reasons included, at least 1
   * @param logProbabilities whether those of the letters are asked for
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
          "instruction has no %s, without which nobody knows what the images are to show",
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

  /** Calls that a group of so many images takes. */
  public long calls(int images) {
    if (pairs == Pairs.NONE) {
      return images;
    }
    long of = pairs == Pairs.ALL ? images * (images - 1L) / 2 : images;
    return of * (question.bothOrders() ? 2 : 1) * question.votes();
  }

  /**
   * Longest that a group takes, after which it is put off with what is answered: as long as its
   * calls do if each takes all of its time, and its patience.
   *
   * @param images of a group
   * @param workers of this process that ask at the same time
   */
  public Duration longest(int images, int workers) {
    long rounds = (calls(images) * workers + server.parallel() - 1) / server.parallel();
    return server.timeout().multipliedBy(rounds).plus(server.patience());
  }
}
