package io.atelier.actors.rewards;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.files.FileException;
import io.atelier.models.files.JsonFile;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Reads a chat completion that begins with yes or no: {@code p(no) / (p(no) + p(yes)) = 1 / (1 +
 * exp(lp(yes) - lp(no)))} at the first token, as the artifact reward of Hong et al. does (arXiv
 * 2601.03468). There a missing word has the probability 0; here the reply is invalid.
 */
final class YesNoReply implements Protocol<YesNo> {

  private static final VoteReply VOTES = new VoteReply();

  @Override
  public int largest() {
    return VOTES.largest();
  }

  @Override
  public YesNo read(byte[] body) {
    JsonNode choice = VoteReply.choice(JsonFile.parse("the reply", body));
    Optional<Vote.Refused> refusal = VoteReply.refusal(choice);
    if (refusal.isPresent()) {
      return new YesNo.Refused(refusal.get().reason());
    }
    JsonNode first = choice.path("logprobs").path("content").path(0);
    return new YesNo.Answered(no(logProbability(first, "yes"), logProbability(first, "no")));
  }

  /** Returns the probability of no relative to yes, from their log-probabilities. */
  static double no(double yes, double no) {
    return 1 / (1 + Math.exp(yes - no));
  }

  /**
   * Returns that of a word's likeliest spelling: {@code Yes}, with a space before it, and so on.
   */
  private static double logProbability(JsonNode place, String word) {
    OptionalDouble likeliest = OptionalDouble.empty();
    for (JsonNode each : place.path("top_logprobs")) {
      if (each.path("token").asText().strip().toLowerCase(Locale.ROOT).equals(word)) {
        try {
          double own = LetterAnswer.logProbability(each);
          likeliest = OptionalDouble.of(Math.max(own, likeliest.orElse(own)));
        } catch (IllegalArgumentException e) {
          throw new FileException("the reply: " + e.getMessage(), e);
        }
      }
    }
    return likeliest.orElseThrow(
        () ->
            new FileException(
                "the reply: \"%s\" is not among the log-probabilities of its first token"
                    .formatted(word)));
  }

  @Override
  public Optional<YesNo> refused(byte[] body) {
    return VOTES
        .refused(body)
        .filter(Vote.Refused.class::isInstance)
        .map(vote -> new YesNo.Refused(((Vote.Refused) vote).reason()));
  }
}
