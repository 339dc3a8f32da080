package io.atelier.actors.rewards;

import io.atelier.actors.config.reward.JudgeConfig;
import io.atelier.actors.port.Clock;
import io.atelier.models.vision.Images;
import io.atelier.reward.Reward;
import io.atelier.rollout.ImageGroup;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model behind an OpenAI-compatible endpoint that is asked about each image alone, such as
 * whether it has artifacts; the score is the probability of no. Answers are cached, so that a group
 * that was put off asks for the rest only.
 */
final class YesNoReward implements Reward {

  private static final Logger LOG = LoggerFactory.getLogger(YesNoReward.class);

  private final JudgeConfig config;
  private final Endpoint server;
  private final AnswerCache<Double> cache;
  private final Patience patience;
  private final Clock clock;
  private final Duration longest;
  private final YesNoReply reply = new YesNoReply();

  /**
   * @param cache probabilities of no, by what was asked
   * @param longest time after which a group is put off
   */
  YesNoReward(
      JudgeConfig config,
      Endpoint server,
      AnswerCache<Double> cache,
      Patience patience,
      Clock clock,
      Duration longest) {
    this.config = config;
    this.server = server;
    this.cache = cache;
    this.patience = patience;
    this.clock = clock;
    this.longest = longest;
  }

  @Override
  public String name() {
    return config.name();
  }

  @Override
  public Outcome score(ImageGroup group) {
    try {
      return ask(group);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private Outcome ask(ImageGroup group) throws InterruptedException {
    long end = clock.nanos() + longest.toNanos();
    float[] scores = new float[group.images().count()];
    for (int n = 0; n < scores.length; n++) {
      Images image = group.images().get(n);
      String prompt = group.prompt().text();
      String key = AskedKey.of(Map.of("prompt", prompt), List.of(image));
      Optional<Double> known = cache.get(key);
      if (known.isEmpty() && clock.nanos() > end) {
        String late = "its calls are not done after %d s; see timeout of %s";
        return putOff(group, late.formatted(longest.toSeconds(), config.section()));
      }
      if (known.isEmpty()) {
        byte[] body =
            VoteRequest.of(
                config.question(), prompt, VoteRequest.dataUrl(image, config.question().images()));
        Reply<YesNo> answer =
            patience.ask("an image of group " + group.id(), () -> server.call(body, reply));
        if (answer instanceof Reply.Later<YesNo> later) {
          return putOff(group, later.reason());
        }
        YesNo read = ((Reply.Answer<YesNo>) answer).value();
        if (read instanceof YesNo.Refused refused) {
          return new Unscorable(refused.reason());
        }
        known = Optional.of(((YesNo.Answered) read).no());
        cache.put(key, known.get());
      }
      scores[n] = known.get().floatValue();
    }
    return new Scored(scores, Map.of());
  }

  private RetryLater putOff(ImageGroup group, String reason) {
    LOG.warn("{}: group {} is put off: {}", config.section(), group.id(), reason);
    return new RetryLater(reason);
  }
}
