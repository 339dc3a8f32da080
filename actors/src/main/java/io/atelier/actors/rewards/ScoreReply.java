package io.atelier.actors.rewards;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.files.JsonFile;
import io.atelier.reward.Reward.Outcome;
import io.atelier.reward.Reward.Scored;
import io.atelier.reward.Reward.Unscorable;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Reads the scores of a group.
 *
 * @param images number of images that were sent
 */
record ScoreReply(int images) implements Protocol<Outcome> {

  private static final String SCORES = "scores";
  private static final String PARTS = "parts";
  private static final String UNSCORABLE = "unscorable";

  /** Names of parts, which become names of metrics. */
  private static final Pattern NAMES = Pattern.compile("[a-z0-9][a-z0-9_-]{0,63}");

  private static final int MOST_PARTS = 32;

  /** Hundreds of bytes for each number of the largest groups. */
  @Override
  public int largest() {
    return 1 << 20;
  }

  /** Reads scores, or why there are none. */
  @Override
  public Outcome read(byte[] body) {
    JsonFile reply = JsonFile.parse("the reply", body);
    if (reply.has(UNSCORABLE)) {
      String reason = reply.text(UNSCORABLE);
      if (reply.has(SCORES)) {
        throw reply.wrong(UNSCORABLE, "should not be there beside \"scores\"");
      }
      reply.requireKnown();
      return new Unscorable(Quoted.brief(reason));
    }
    float[] scores = numbers(reply, SCORES);
    Map<String, float[]> parts = new TreeMap<>();
    if (reply.has(PARTS)) {
      JsonFile named = reply.section(PARTS);
      if (named.object().size() > MOST_PARTS) {
        throw reply.wrong(PARTS, "should have %d parts at most".formatted(MOST_PARTS));
      }
      for (Map.Entry<String, JsonNode> part : named.object().properties()) {
        if (!NAMES.matcher(part.getKey()).matches()) {
          throw named.wrong(
              part.getKey(), "should have a name of lower-case letters, digits and dashes");
        }
        parts.put(part.getKey(), numbers(named, part.getKey()));
      }
    }
    reply.requireKnown();
    return new Scored(scores, parts);
  }

  private float[] numbers(JsonFile reply, String key) {
    JsonNode list = reply.get(key);
    if (!list.isArray() || list.size() != images) {
      throw reply.wrong(
          key, "should be a list of %d numbers, one for each image".formatted(images));
    }
    float[] numbers = new float[images];
    for (int i = 0; i < images; i++) {
      numbers[i] = (float) list.get(i).asDouble();
      if (!list.get(i).isNumber() || !Float.isFinite(numbers[i])) {
        throw reply.wrong(
            key,
            "should have a finite number for each image, and for image %d has %s"
                .formatted(i, Quoted.brief(list.get(i).toString())));
      }
    }
    return numbers;
  }
}
