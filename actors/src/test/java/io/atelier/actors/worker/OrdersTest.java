package io.atelier.actors.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.ledger.model.BlobRef;
import java.util.List;
import org.junit.jupiter.api.Test;

class OrdersTest {

  private static final BlobRef BLOB = new BlobRef("here", 1, 1, 0);

  private final Orders orders = new Orders();

  /** A store that is full of it has no room for what the next order makes. */
  @Test
  void shouldNameWhatItMadeBeforeAsSoonAsAnotherOrderBegins() {
    assertTrue(orders.begin(1));
    orders.done(List.of(BLOB));
    assertEquals(List.of(BLOB), orders.made());
    assertEquals(List.of(), orders.earlier(), "perhaps nobody heard of it yet");
    assertFalse(orders.begin(1), "a duplicate");
    assertEquals(List.of(BLOB), orders.made());
    assertTrue(orders.begin(2));
    assertEquals(List.of(), orders.made());
    assertEquals(List.of(BLOB), orders.earlier());
    assertEquals(List.of(), orders.earlier(), "it is told once");
  }
}
