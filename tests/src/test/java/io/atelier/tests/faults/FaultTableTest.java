package io.atelier.tests.faults;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table: every row is right. What needs another process is in the tests of launchers. */
class FaultTableTest {

  @TempDir Path folder;

  static Stream<Fault> rows() {
    return Stream.of(RunFaults.rows(), DataFaults.rows(), ModelFaults.rows()).flatMap(f -> f);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  @Timeout(120)
  void shouldBeRight(Fault fault) throws Exception {
    fault.trial().in(folder);
  }
}
