package io.atelier.actors.api.plan;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.section.InvalidConfigException;
import org.junit.jupiter.api.Test;

class NodeMemoryTest {
  private static final long GIB = 1L << 30;
  private static final long BLOB = 64L << 20;

  private static String refused(long store, NodeMemory.Limits limits) {
    return assertThrows(
            InvalidConfigException.class, () -> NodeMemory.requireRoom(store, BLOB, limits))
        .getMessage();
  }

  @Test
  void shouldTakeWhatFits() {
    NodeMemory.Limits exactly = new NodeMemory.Limits(8 * GIB + BLOB, 4 * GIB, 5 * GIB);
    assertDoesNotThrow(() -> NodeMemory.requireRoom(4 * GIB, BLOB, exactly));
  }

  @Test
  void shouldRefuseAStoreThatTheMachineHasNoRoomFor() {
    assertEquals(
        "a store of 4096 MiB (workers.blob-megabytes) and a heap of 4096 MiB may take 8256 MiB, and this machine, or its container, has 6144; lower workers.blob-megabytes, or the heap by ATELIER_JAVA_OPTS=-Xmx2g",
        refused(4 * GIB, new NodeMemory.Limits(6 * GIB, 4 * GIB, 16 * GIB)));
  }

  @Test
  void shouldRefuseAStoreThatTheJvmMayNotHave() {
    String told = refused(4 * GIB, new NodeMemory.Limits(64 * GIB, 4 * GIB, 4 * GIB));
    assertEquals(
        "workers.blob-megabytes is 4096, which with data in transfer takes 4224 MiB outside the heap, and the JVM may have 4096; set ATELIER_JAVA_OPTS=-XX:MaxDirectMemorySize=4224m, or lower workers.blob-megabytes",
        told);
  }

  /** The tests read the same options as the launcher. */
  @Test
  void shouldKnowWhatThisProcessMayHave() {
    NodeMemory.Limits here = NodeMemory.Limits.here();
    assertEquals(16 * GIB, here.direct());
    assertEquals(Runtime.getRuntime().maxMemory(), here.heap());
    assertTrue(here.machine() > GIB, here::toString);
  }
}
