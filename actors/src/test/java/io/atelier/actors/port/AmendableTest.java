package io.atelier.actors.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.folder.AmendmentFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be amended to is refused, and never made to fit. */
class AmendableTest {

  private final Amendable amendable =
      new Amendable(new TreeSet<>(List.of(Amendable.CRITIC_EVERY, Amendable.LEARNING_RATE)));

  @ParameterizedTest
  @ValueSource(doubles = {2147483648.0, 4e9, 1e300, 1.5})
  void shouldRefuseAPaceThatIsNoWholeNumberOfSteps(double steps) {
    assertEquals(
        Optional.of(
            "critic.every is to be %s, must be a whole number from 1 to 2147483647"
                .formatted(steps)),
        amendable.refuse(Amendable.CRITIC_EVERY, steps));
  }

  @Test
  void shouldTakeTheLargestPace() {
    assertEquals(Optional.empty(), amendable.refuse(Amendable.CRITIC_EVERY, Integer.MAX_VALUE));
    assertEquals(Optional.empty(), amendable.refuse(Amendable.CRITIC_EVERY, 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.7", "4000000000"})
  void shouldRefuseAStepThatIsNone(String from, @TempDir Path folder) throws IOException {
    Path file = folder.resolve("amendments.jsonl");
    Files.writeString(
        file, "{\"from\":%s,\"key\":\"critic.every\",\"value\":2,\"why\":\"\"}\n".formatted(from));
    RunFolderException refused =
        assertThrows(RunFolderException.class, () -> AmendmentFile.read(file));
    assertTrue(refused.getMessage().contains("line 1 is no amendment"), refused::getMessage);
  }
}
