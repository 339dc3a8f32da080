package io.atelier.actors.web.index;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class RangeTest {

  @Test
  void shouldReadOneRange() {
    assertEquals(Optional.of(new Range(3, 10)), Range.of("bytes=3-", 10));
    assertEquals(Optional.of(new Range(3, 6)), Range.of("bytes=3-5", 10));
    assertEquals(Optional.of(new Range(3, 10)), Range.of("bytes=3-99", 10));
    assertEquals(Optional.of(new Range(8, 10)), Range.of("bytes=-2", 10));
    assertEquals(Optional.of(new Range(0, 10)), Range.of("bytes=-20", 10));
    assertEquals("bytes 3-5/10", new Range(3, 6).of(10));
  }

  @Test
  void shouldRefuseWhatIsNotThere() {
    assertEquals(Optional.empty(), Range.of("bytes=10-", 10));
    assertEquals(Optional.empty(), Range.of("bytes=-0", 10));
    assertEquals(Optional.empty(), Range.of("bytes=0-", 0));
  }

  @Test
  void shouldTakeWhatIsNoRangeForTheWhole() {
    Optional<Range> all = Optional.of(new Range(0, 10));
    assertEquals(all, Range.of(null, 10));
    assertEquals(all, Range.of("bytes=5-3", 10));
    assertEquals(all, Range.of("bytes=1-2,4-5", 10));
    assertEquals(all, Range.of("lines=1-2", 10));
    assertEquals(all, Range.of("bytes=-", 10));
    assertEquals(all, Range.of("bytes=99999999999999999999-", 10));
  }
}
