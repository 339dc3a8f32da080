package io.atelier.actors.rewards;

import io.atelier.actors.config.reward.JudgeConfig;
import io.atelier.actors.port.Clock;
import io.atelier.models.vision.Images;
import io.atelier.reward.judge.Match;
import io.atelier.reward.judge.PairJudge;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model behind an OpenAI-compatible endpoint. Every pair is asked for all votes, and in both
 * orders if configured; several calls are in flight at a time. Answers are cached, so that a group
 * that was put off asks for the rest only.
 */
final class ChatJudge implements PairJudge {

  private static final Logger LOG = LoggerFactory.getLogger(ChatJudge.class);

  private final JudgeConfig config;
  private final Endpoint server;
  private final AnswerCache<Double> cache;
  private final JudgementFile file;
  private final Patience patience;
  private final Clock clock;
  private final Duration longest;
  private final VoteReply reply = new VoteReply();
  private final ExecutorService threads;

  /**
   * @param cache probabilities that image A is better, by what was asked
   * @param longest time after which a group is put off
   */
  ChatJudge(
      JudgeConfig config,
      Endpoint server,
      AnswerCache<Double> cache,
      JudgementFile file,
      Patience patience,
      Clock clock,
      Duration longest) {
    this.config = config;
    this.server = server;
    this.cache = cache;
    this.file = file;
    this.patience = patience;
    this.clock = clock;
    this.longest = longest;
    this.threads =
        Executors.newFixedThreadPool(
            config.server().parallel(),
            work -> {
              Thread thread = new Thread(work, "judge " + config.name());
              thread.setDaemon(true);
              return thread;
            });
  }

  @Override
  public Verdict judge(GroupId group, Prompt prompt, List<Match> matches) {
    try {
      return new Round(group, prompt, matches).judge();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }

  /** The matches of one group. */
  private final class Round {
    private final GroupId group;
    private final Prompt prompt;
    private final List<Match> matches;
    private final List<Asked> asked;

    /** Probabilities that image A is better. */
    private final Map<Asked, OptionalDouble> answers = new HashMap<>();

    /** Images as requests encode them, by their index in the group. */
    private final Map<Integer, String> urls = new HashMap<>();

    /** Judgements of this round; filled by several threads. */
    private final Map<Asked, Judgement> written = new ConcurrentHashMap<>();

    Round(GroupId group, Prompt prompt, List<Match> matches) {
      this.group = group;
      this.prompt = prompt;
      this.matches = matches;
      this.asked = Asked.all(matches.size(), config.question());
    }

    Verdict judge() throws InterruptedException {
      long end = clock.nanos() + longest.toNanos();
      Map<Asked, String> missing = new LinkedHashMap<>();
      for (Asked each : asked) {
        String key = key(each);
        cache
            .get(key)
            .ifPresentOrElse(
                known -> answers.put(each, OptionalDouble.of(known)), () -> missing.put(each, key));
      }
      for (Asked each : missing.keySet()) {
        Match match = matches.get(each.match());
        urls.computeIfAbsent(match.first(), place -> url(match.firstImage()));
        urls.computeIfAbsent(match.second(), place -> url(match.secondImage()));
      }
      Map<Asked, Future<Reply<Vote>>> calls = new LinkedHashMap<>();
      missing.forEach((each, key) -> calls.put(each, threads.submit(() -> ask(each, key))));
      try {
        for (Map.Entry<Asked, Future<Reply<Vote>>> call : calls.entrySet()) {
          Optional<Verdict> over = take(call.getKey(), call.getValue(), end);
          if (over.isPresent()) {
            return over.get();
          }
        }
        return verdict();
      } finally {
        calls.values().forEach(call -> call.cancel(true));
        file.add(asked.stream().filter(written::containsKey).map(written::get).toList());
      }
    }

    private String url(Images image) {
      return VoteRequest.dataUrl(image, config.question().images());
    }

    /** Returns the cache key, by content, so that it does not matter which group asks. */
    private String key(Asked each) {
      Match match = matches.get(each.match());
      return AskedKey.of(
          Map.of("prompt", prompt.text(), "vote", Integer.toString(each.vote())),
          each.reversed()
              ? List.of(match.secondImage(), match.firstImage())
              : List.of(match.firstImage(), match.secondImage()));
    }

    private byte[] body(Asked each) {
      Match match = matches.get(each.match());
      String first = urls.get(match.first());
      String second = urls.get(match.second());
      return each.reversed()
          ? VoteRequest.of(config.question(), prompt.text(), second, first, each.vote())
          : VoteRequest.of(config.question(), prompt.text(), first, second, each.vote());
    }

    /** Makes a call; runs on a thread of the pool. */
    private Reply<Vote> ask(Asked each, String key) throws InterruptedException {
      byte[] body = body(each);
      Reply<Vote> answer = patience.ask("a pair of group " + group, () -> server.call(body, reply));
      if (answer instanceof Reply.Answer<Vote> read && read.value() instanceof Vote.Cast cast) {
        cast.probability().ifPresent(share -> cache.put(key, share));
        written.put(each, judgement(each, cast));
      }
      return answer;
    }

    private Judgement judgement(Asked each, Vote.Cast cast) {
      return new Judgement(
          config.name(),
          group,
          prompt.text(),
          matches.get(each.match()),
          each.reversed(),
          each.vote(),
          Tally.ofFirst(cast.probability(), each.reversed()),
          cast.text());
    }

    /** Waits for an answer; returns a verdict if it ends the round. */
    private Optional<Verdict> take(Asked each, Future<Reply<Vote>> call, long end)
        throws InterruptedException {
      Reply<Vote> answer;
      try {
        answer = call.get(Math.max(0, end - clock.nanos()), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        String late = "its calls are not done after %d s; see timeout and parallel of %s";
        return Optional.of(putOff(late.formatted(longest.toSeconds(), config.section())));
      } catch (ExecutionException e) {
        throw e.getCause() instanceof RuntimeException cause
            ? cause
            : new IllegalStateException(e.getCause());
      }
      if (answer instanceof Reply.Later<Vote> later) {
        return Optional.of(putOff(later.reason()));
      }
      Vote vote = ((Reply.Answer<Vote>) answer).value();
      if (vote instanceof Vote.Refused refused) {
        return Optional.of(new Never(refused.reason()));
      }
      answers.put(each, ((Vote.Cast) vote).probability());
      return Optional.empty();
    }

    private Later putOff(String reason) {
      LOG.warn("{}: group {} is put off: {}", config.section(), group, reason);
      return new Later(reason);
    }

    /** Counts votes in a fixed order, not as they arrive: the last bits of a sum depend on it. */
    private Verdict verdict() {
      Tally tally = new Tally(matches.size(), config.question().bothOrders());
      asked.forEach(each -> tally.add(each.match(), each.reversed(), answers.get(each)));
      if (tally.unread() == 0) {
        return tally.judged().orElseThrow();
      }
      String unread =
          "%d of %d answers do not end with A or B, such as \"%s\"; see instruction and max-tokens of %s"
              .formatted(tally.unread(), asked.size(), example(), config.section());
      Optional<Judged> judged = tally.judged();
      if (judged.isEmpty()) {
        return putOff(unread);
      }
      LOG.warn("{}: group {}: {}", config.section(), group, unread);
      return judged.get();
    }

    private String example() {
      return asked.stream()
          .filter(each -> answers.get(each).isEmpty())
          .map(each -> Quoted.end(written.get(each).text()))
          .findFirst()
          .orElseThrow();
    }
  }
}
