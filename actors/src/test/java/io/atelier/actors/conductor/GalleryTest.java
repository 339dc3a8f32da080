package io.atelier.actors.conductor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import com.typesafe.config.ConfigFactory;
import io.atelier.actors.codec.Blobs;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.port.PictureSink;
import io.atelier.actors.report.GroupPictures;
import io.atelier.actors.report.TrainedGroup;
import io.atelier.actors.run.metrics.TrainedGroups;
import io.atelier.actors.transport.blob.LocalBlobStore;
import io.atelier.models.vision.Images;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GalleryTest {

  private final LocalBlobStore blobs = new LocalBlobStore("here", 1 << 20);
  private final ActorTestKit kit =
      ActorTestKit.create(
          ConfigFactory.parseString("akka.loglevel = OFF, akka.stdout-loglevel = OFF")
              .withFallback(ConfigFactory.load()));

  /** Keeps what it is given, as far as it may. */
  private static class Shelf implements PictureSink {
    final List<Integer> steps = Collections.synchronizedList(new ArrayList<>());
    final List<List<Pictured>> groups = Collections.synchronizedList(new ArrayList<>());
    final CountDownLatch closed = new CountDownLatch(1);

    @Override
    public void begin() {}

    @Override
    public void keep(int step, List<Pictured> pictured) {
      steps.add(step);
      groups.add(pictured);
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  private static GroupPictures pictures(int name) {
    return new GroupPictures(1, 1, List.of(new byte[] {(byte) name}), new TreeMap<>());
  }

  private BlobRef offered(int name) {
    return blobs.offer(Blobs.PICTURES, pictures(name)).orElseThrow();
  }

  private static Gallery.Keep step(int step, BlobRef... pictures) {
    List<TrainedGroup> groups = new ArrayList<>();
    for (BlobRef ref : pictures) {
      groups.add(TrainedGroups.of(step - 1, groups.size(), Optional.of(ref)));
    }
    groups.add(TrainedGroups.of(step - 1, groups.size(), Optional.empty()));
    return new Gallery.Keep(step, groups);
  }

  /** Tells it all of this, and waits for its end. */
  private void tell(PictureSink sink, Gallery.Keep... steps) {
    ActorRef<Gallery.Command> gallery = kit.spawn(Gallery.create(blobs, sink));
    for (Gallery.Keep step : steps) {
      gallery.tell(step);
    }
    gallery.tell(Gallery.Close.INSTANCE);
    TestProbe<Void> probe = kit.createTestProbe();
    probe.expectTerminated(gallery, Duration.ofSeconds(20));
  }

  @Test
  void shouldHandOverAllGroupsAndLetGoOfTheirPictures() throws InterruptedException {
    Shelf shelf = new Shelf();
    tell(shelf, step(1, offered(10), offered(11)), step(2, offered(20)));
    assertEquals(List.of(1, 2), shelf.steps);
    List<PictureSink.Pictured> first = shelf.groups.get(0);
    assertEquals(3, first.size());
    assertEquals(11, first.get(1).pictures().orElseThrow().jpegs().get(0)[0]);
    assertTrue(first.get(2).pictures().isEmpty());
    assertEquals(0, blobs.held());
    assertTrue(shelf.closed.await(10, TimeUnit.SECONDS));
  }

  @Test
  void shouldDoWithoutPicturesThatAreLost() {
    Shelf shelf = new Shelf();
    BlobRef lost = offered(10);
    Gallery.Keep step = step(1, lost, offered(11), new BlobRef("nobody", 1, 5, 0));
    blobs.release(lost);
    tell(shelf, step);
    List<Boolean> there =
        shelf.groups.get(0).stream().map(group -> group.pictures().isPresent()).toList();
    assertEquals(List.of(false, true, false, false), there);
    assertEquals(0, blobs.held());
  }

  @Test
  void shouldGoOnWhenPicturesCannotBeKept() {
    Shelf shelf =
        new Shelf() {
          @Override
          public void keep(int step, List<Pictured> pictured) {
            if (step == 1) {
              throw new IllegalStateException("the disk is full");
            }
            super.keep(step, pictured);
          }
        };
    tell(shelf, step(1, offered(10)), step(2, offered(20)));
    assertEquals(List.of(2), shelf.steps);
    assertEquals(0, blobs.held());
  }

  @Test
  void shouldLetGoOfAllWhereThereIsNoFolder() {
    Shelf shelf =
        new Shelf() {
          @Override
          public void begin() {
            throw new IllegalStateException("that is a file");
          }
        };
    tell(shelf, step(1, offered(10)), step(2, offered(20)));
    assertEquals(List.of(), shelf.steps);
    assertEquals(0, blobs.held());
  }

  /** Five wait for the first, of which one is taken next and the last three after it. */
  @Test
  void shouldNotHeapUpWhatASlowDiskHasNotTaken() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch free = new CountDownLatch(1);
    Shelf shelf =
        new Shelf() {
          @Override
          public void keep(int step, List<Pictured> pictured) {
            begun.countDown();
            try {
              assertTrue(free.await(20, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            super.keep(step, pictured);
          }
        };
    ActorRef<Gallery.Command> gallery = kit.spawn(Gallery.create(blobs, shelf));
    gallery.tell(step(1, offered(1)));
    assertTrue(begun.await(20, TimeUnit.SECONDS));
    for (int step = 2; step <= 6; step++) {
      gallery.tell(step(step, offered(step)));
    }
    gallery.tell(Gallery.Close.INSTANCE);
    free.countDown();
    TestProbe<Void> probe = kit.createTestProbe();
    probe.expectTerminated(gallery, Duration.ofSeconds(20));
    assertEquals(List.of(1, 2, 4, 5, 6), shelf.steps);
    assertEquals(0, blobs.held());
  }

  @Test
  void shouldMakeAPictureOfEveryImage() {
    Images images = new Images(2, 20, 40, new byte[2 * 20 * 40 * 3]);
    GroupPictures made = GroupPictures.of(images, new TreeMap<>(), 10);
    assertEquals(10, made.width());
    assertEquals(5, made.height());
    assertEquals(2, made.jpegs().size());
    assertEquals((byte) 0xff, made.jpegs().get(1)[0]);
    assertEquals((byte) 0xd8, made.jpegs().get(1)[1]);
    assertEquals(40, GroupPictures.of(images, new TreeMap<>(), 40).width());
  }
}
