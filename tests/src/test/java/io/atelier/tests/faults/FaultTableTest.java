package io.atelier.tests.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table: every row is right. What needs another process or another user is in the tests of
 * launchers, memory, folders and addresses; {@code tests/faults/run} runs them all and shows the
 * table, which is left in {@code target/faults.txt}.
 */
class FaultTableTest {

  private static final List<String> TABLE = new ArrayList<>();

  @TempDir Path folder;

  static Stream<Fault> rows() {
    return Stream.of(RunFaults.rows(), DataFaults.rows(), ModelFaults.rows()).flatMap(f -> f);
  }

  @AfterAll
  static void write() throws IOException {
    Files.createDirectories(Path.of("target"));
    Files.write(Path.of("target/faults.txt"), TABLE);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  @Timeout(120)
  void shouldBeRight(Fault fault) throws Exception {
    int row = TABLE.size();
    TABLE.add("WRONG  " + fault);
    fault.trial().in(folder);
    TABLE.set(row, "right  " + fault);
  }
}
