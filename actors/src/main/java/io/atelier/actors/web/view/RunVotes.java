package io.atelier.actors.web.view;

import io.atelier.actors.people.PeopleFiles;
import io.atelier.actors.people.Vote;
import io.atelier.actors.people.VoteTable;
import io.atelier.actors.people.WinShare;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.web.index.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which of two pictures people preferred.
 *
 * @param folder of the run that has the votes
 */
public record RunVotes(Path folder) {

  /**
   * Returns people's votes on pairs.
   *
   * @throws RunFolderException if the file is a link, which is not followed
   */
  public List<Vote> all() {
    Path file = folder.resolve(PeopleFiles.PREFERENCES);
    if (Files.isSymbolicLink(file)) {
      throw new RunFolderException(
          "preferences.jsonl of %s is a link; remove it".formatted(folder.getFileName()));
    }
    return PeopleFiles.votes(file);
  }

  /** Answers with the result of these votes, see {@link VoteTable}. */
  public Answer answer() {
    return Answer.json(VoteTable.of(all()).stream().map(RunVotes::row).toList());
  }

  private static Map<String, Object> row(VoteTable.Row row) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("a", row.a());
    json.put("b", row.b());
    json.put("who", row.who().orElse(null));
    json.put("wins", row.share().wins());
    json.put("losses", row.share().losses());
    json.put("ties", row.share().ties());
    json.put("share", row.share().share().orElse(null));
    json.put("low", row.share().interval().map(WinShare.Interval::low).orElse(null));
    json.put("high", row.share().interval().map(WinShare.Interval::high).orElse(null));
    json.put("signTest", row.share().signTest().orElse(null));
    json.put("pairsToGo", row.share().pairsToGo());
    json.put("repeats", row.repeats());
    json.put("same", row.same());
    return json;
  }
}
