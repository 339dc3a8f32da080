package io.atelier.actors.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.actors.people.PairOrder;
import io.atelier.actors.people.PairOrder.Showing;
import io.atelier.actors.people.PeopleFiles;
import io.atelier.actors.people.Vote;
import io.atelier.actors.web.index.Answer;
import io.atelier.actors.web.view.RunContents;
import io.atelier.actors.web.view.RunLabels;
import io.atelier.actors.web.view.RunView;
import io.atelier.models.files.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.stream.Collectors;

/**
 * Pairs of pictures of two policies, from the same prompt and noise, for blind comparison: pictures
 * and showings get new random names each time, which only this program can resolve. The step is
 * fixed when a person begins, so that a run in progress does not change what is compared.
 * Thread-safe.
 */
final class BlindPairs {

  private static final int MOST_DUELS = 64;
  private static final int MOST_SHOWN = 512;

  private static final String NOISE = "evaluation.seed";

  /** The pairs that one person compares, and their order. */
  private record Duel(
      RunView a,
      RunView b,
      int stepA,
      int stepB,
      String who,
      List<Pair> pairs,
      List<Showing> order) {

    /** The order depends on the person, and is the same when that person comes back. */
    static Duel of(RunView a, RunView b, int stepA, int stepB, String who, List<Pair> pairs) {
      String name = String.join("\n", a.name(), "" + stepA, b.name(), "" + stepB, who);
      long seed = Long.parseUnsignedLong(Sha256.of(name).substring(0, 16), 16);
      return new Duel(a, b, stepA, stepB, who, pairs, PairOrder.of(pairs.size(), seed));
    }

    /** Returns the first showing without this person's vote; the number of showings if none is. */
    int next() {
      Set<Integer> said =
          a.votes().all().stream()
              .filter(v -> v.who().equals(who))
              .filter(v -> v.a().run().equals(a.name()) && v.a().step() == stepA)
              .filter(v -> v.b().run().equals(b.name()) && v.b().step() == stepB)
              .map(Vote::number)
              .collect(Collectors.toSet());
      int number = 0;
      while (said.contains(number)) {
        number++;
      }
      return Math.min(number, order.size());
    }
  }

  /** Two files, by their names below the run folders. */
  private record Pair(String prompt, String a, String b, int width) {}

  private record Ticket(Duel duel, int number) {}

  private record Picture(RunView run, String name) {}

  private final Map<String, Duel> duels = bounded(MOST_DUELS);
  private final Map<String, Ticket> tickets = bounded(MOST_SHOWN);
  private final Map<String, Picture> pictures = bounded(MOST_SHOWN);

  private static <T> Map<String, T> bounded(int most) {
    return new LinkedHashMap<>() {
      @Override
      protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
        return size() > most;
      }
    };
  }

  private static <T> String add(Map<String, T> map, T value) {
    String id = AccessToken.fresh().text();
    map.put(id, value);
    return id;
  }

  /**
   * Returns the next pair for a person.
   *
   * @param a run whose newest pictures are compared with those of {@code b}, or with its own base
   *     if that is the same run
   * @param values {@code duel} of the answer before, if there was one; otherwise {@code who}
   */
  synchronized Answer pair(RunView a, RunView b, Map<String, String> values) throws IOException {
    String id = values.getOrDefault("duel", "");
    Duel duel = duels.get(id);
    if (duel == null || duel.a() != a || duel.b() != b) {
      int[] steps = steps(a, b);
      duel = Duel.of(a, b, steps[0], steps[1], RunLabels.who(values), pairs(a, b, steps));
      id = add(duels, duel);
    }
    int number = duel.next();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("duel", id);
    answer.put("number", number);
    answer.put("of", duel.order().size());
    if (number < duel.order().size()) {
      Showing showing = duel.order().get(number);
      Pair pair = duel.pairs().get(showing.pair());
      String first = add(pictures, new Picture(a, pair.a()));
      String second = add(pictures, new Picture(b, pair.b()));
      answer.put("ticket", add(tickets, new Ticket(duel, number)));
      answer.put("prompt", pair.prompt());
      answer.put("width", pair.width());
      answer.put("left", "/blind/" + (showing.swapped() ? second : first));
      answer.put("right", "/blind/" + (showing.swapped() ? first : second));
    }
    return Answer.json(answer);
  }

  private static int[] steps(RunView a, RunView b) throws IOException {
    SortedSet<Integer> own = a.contents().shown().steps();
    if (a == b) {
      require(
          own.size() > 1 && own.first() == 0,
          "%s has no evaluation of the base and a later one, so there is nothing to compare",
          a);
      return new int[] {own.last(), 0};
    }
    Optional<Number> noise = a.setting(NOISE);
    Optional<Number> otherNoise = b.setting(NOISE);
    require(
        noise.isEmpty() || otherNoise.isEmpty() || noise.equals(otherNoise),
        "%s and the other run differ in evaluation.seed, so their pictures are of different noise",
        a);
    SortedSet<Integer> others = b.contents().shown().steps();
    require(!own.isEmpty(), "%s has no images of evaluations", a);
    require(!others.isEmpty(), "%s has no images of evaluations", b);
    return own.stream()
        .filter(others::contains)
        .reduce((earlier, later) -> later)
        .map(step -> new int[] {step, step})
        .orElse(new int[] {own.last(), others.last()});
  }

  private static void require(boolean is, String otherwise, RunView run) {
    if (!is) {
      throw new IllegalArgumentException(otherwise.formatted(run.name()));
    }
  }

  /** Pairs the images with the same index in both evaluations, if their prompts are equal. */
  private static List<Pair> pairs(RunView a, RunView b, int[] steps) throws IOException {
    JsonNode first = images(a, steps[0]);
    JsonNode second = images(b, steps[1]);
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < Math.min(first.size(), second.size()); i++) {
      JsonNode one = first.get(i);
      JsonNode other = second.get(i);
      if (one.path("prompt").isTextual() && one.path("prompt").equals(other.path("prompt"))) {
        pairs.add(
            new Pair(
                one.get("prompt").asText(),
                "images/" + one.path("file").asText(),
                "images/" + other.path("file").asText(),
                one.path("width").asInt()));
      }
    }
    require(!pairs.isEmpty(), "no image of %s has the same prompt as that beside it", a);
    return pairs;
  }

  private static JsonNode images(RunView run, int step) throws IOException {
    List<JsonNode> lines = run.contents().shown().lines(step);
    require(!lines.isEmpty(), "shown.jsonl of %s is damaged", run);
    return lines.get(lines.size() - 1).path("images");
  }

  /** Returns a picture by its random name. */
  synchronized Answer picture(String id) throws IOException {
    Picture picture = pictures.get(id);
    Optional<byte[]> bytes =
        picture == null ? Optional.empty() : picture.run().contents().bytes(picture.name());
    return bytes
        .map(found -> Answer.bytes(200, RunContents.type(picture.name()), found))
        .orElseGet(() -> Answer.text(404, "this picture is no longer shown; load the page again"))
        .with("Cache-Control", "no-store");
  }

  /**
   * Records the vote on a pair.
   *
   * @param values {@code ticket} of the pair; {@code say}: left, right or tie
   */
  synchronized Answer vote(RunView run, Map<String, String> values, long now) throws IOException {
    String id = values.getOrDefault("ticket", "");
    String say = values.getOrDefault("say", "");
    Ticket ticket = tickets.get(id);
    if (ticket == null || ticket.duel().a() != run) {
      return Answer.text(404, "this pair is no longer asked for; load the page again");
    }
    if (!say.matches("left|right|tie")) {
      return Answer.text(400, "say is \"%s\", must be left, right or tie".formatted(say));
    }
    Duel duel = ticket.duel();
    if (duel.next() != ticket.number()) {
      return Answer.text(409, "this pair was judged already");
    }
    Showing showing = duel.order().get(ticket.number());
    Pair pair = duel.pairs().get(showing.pair());
    String left = showing.swapped() ? Vote.B : Vote.A;
    String right = showing.swapped() ? Vote.A : Vote.B;
    Optional<byte[]> a = duel.a().contents().bytes(pair.a());
    Optional<byte[]> b = duel.b().contents().bytes(pair.b());
    if (a.isEmpty() || b.isEmpty()) {
      return Answer.text(404, "a picture of this pair is no longer kept");
    }
    PeopleFiles.append(
        run.folder(),
        PeopleFiles.PREFERENCES,
        new Vote(
            now,
            duel.who(),
            pair.prompt(),
            ticket.number(),
            showing.repeats(),
            side(run, duel.a(), duel.stepA(), pair.a(), a.get()),
            side(run, duel.b(), duel.stepB(), pair.b(), b.get()),
            left,
            say.equals("tie") ? Vote.TIE : say.equals("left") ? left : right));
    tickets.remove(id);
    return Answer.text(200, "thank you");
  }

  private static Vote.Side side(RunView to, RunView from, int step, String name, byte[] picture) {
    String copy = PeopleFiles.keep(to.folder(), picture, RunContents.ending(name));
    return new Vote.Side(from.name(), step, copy);
  }
}
