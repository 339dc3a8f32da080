package io.atelier.actors.rewards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.files.FileException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VoteReplyTest {

  private static Vote read(String reply) {
    return new VoteReply().read(reply.getBytes(StandardCharsets.UTF_8));
  }

  /** vLLM and llama.cpp can be told to keep reasons apart, under either name. */
  @ParameterizedTest
  @ValueSource(strings = {"reasoning_content", "reasoning"})
  void shouldKeepReasonsThatComeApart(String key) {
    Vote.Cast cast =
        (Vote.Cast)
            read(
                """
                {"choices": [{"finish_reason": "stop",
                  "message": {"content": "B", "%s": "Its sky is bluer."}}]}
                """
                    .formatted(key));
    assertEquals(OptionalDouble.of(0), cast.probability());
    assertEquals("Its sky is bluer.\nB", cast.text());
  }

  /** The model thought until it was cut off. */
  @Test
  void shouldReadNoLetterWhereThereIsNoText() {
    Vote.Cast cast =
        (Vote.Cast)
            read("{\"choices\": [{\"message\": {\"content\": null, \"reasoning\": \"A\"}}]}");
    assertEquals(OptionalDouble.empty(), cast.probability());
    assertEquals("A\n [finish_reason is ]", cast.text());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no json",
        "{}",
        "{\"error\": \"content_filter\"}",
        "{\"error\": {\"code\": 400}}",
        "{\"error\": {\"message\": \"content_filter\"}}"
      })
  void shouldTakeNoOtherErrorForARefusal(String body) {
    assertEquals(Optional.empty(), new VoteReply().refused(body.getBytes(StandardCharsets.UTF_8)));
  }

  /** Nothing else comes out, and no other exception: whatever a thread threw would end the run. */
  @Test
  void shouldReadAVoteOrRefuseWhateverAReplyTurnsInto() {
    long seed = Long.getLong("atelier.seed", 1);
    Random random = new Random(seed);
    String whole =
        "{\"choices\": [{\"finish_reason\": \"stop\", \"message\": {\"content\": \"x.\\nA\","
            + " \"refusal\": null}, \"logprobs\": {\"content\": [{\"token\": \"x.\\n\"}, {\"token\":"
            + " \"A\", \"top_logprobs\": [{\"token\": \"A\", \"logprob\": -0.2}, {\"token\": \"B\","
            + " \"logprob\": -1.8}]}]}}]}";
    String pieces = "{}[]:,\"\\0123456789eE+-. NaInfulsrtAB";
    Map<String, Integer> counts = new TreeMap<>();
    for (int n = 0; n < 20_000; n++) {
      StringBuilder reply = new StringBuilder(whole);
      for (int changes = random.nextInt(4); changes >= 0; changes--) {
        int at = random.nextInt(reply.length());
        char piece = pieces.charAt(random.nextInt(pieces.length()));
        switch (random.nextInt(3)) {
          case 0 -> reply.setCharAt(at, piece);
          case 1 -> reply.insert(at, piece);
          default -> reply.setLength(random.nextInt(20) == 0 ? at + 1 : reply.length());
        }
      }
      String what;
      try {
        Vote vote = read(reply.toString());
        what = vote instanceof Vote.Refused ? "refused" : "cast";
        if (vote instanceof Vote.Cast cast && cast.probability().isPresent()) {
          double share = cast.probability().getAsDouble();
          assertTrue(share >= 0 && share <= 1, () -> "seed " + seed + ": " + reply);
          what = share == 0 || share == 1 ? "letter" : "probability";
        }
      } catch (FileException e) {
        what = "not the protocol";
      }
      counts.merge(what, 1, Integer::sum);
    }
    for (String what : new String[] {"cast", "letter", "probability", "not the protocol"}) {
      assertTrue(counts.getOrDefault(what, 0) > 100, () -> "seed " + seed + ": " + counts);
    }
  }
}
