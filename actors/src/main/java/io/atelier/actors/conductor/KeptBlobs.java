package io.atelier.actors.conductor;

import akka.actor.typed.ActorRef;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.transport.BlobStore;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Delays the release of blobs that are still read after the ledger has released them. */
final class KeptBlobs {
  private final BlobStore blobs;
  private final Optional<ActorRef<Gallery.Command>> gallery;

  /** Images that the policy learner ranks, and those of them that are to be released then. */
  private final Set<BlobRef> kept = new HashSet<>();

  private final Set<BlobRef> released = new LinkedHashSet<>();

  /** Pictures that the gallery owns now, and that the ledger has not released yet. */
  private final Set<BlobRef> pictured = new HashSet<>();

  KeptBlobs(BlobStore blobs, Optional<ActorRef<Gallery.Command>> gallery) {
    this.blobs = blobs;
    this.gallery = gallery;
  }

  /** Keeps images until {@link #letGo}. */
  void keep(List<BlobRef> images) {
    letGo(); // of an earlier step whose answer was lost
    kept.addAll(images);
  }

  void letGo() {
    kept.clear();
    released.forEach(blobs::release);
    released.clear();
  }

  /** The ledger no longer needs it. */
  void release(BlobRef blob) {
    if (pictured.remove(blob)) {
      return; // the gallery releases it
    }
    if (kept.contains(blob)) {
      released.add(blob);
    } else {
      blobs.release(blob);
    }
  }

  /** Gives the pictures of a step to the gallery, if there is one. */
  void handOver(Gallery.Keep step) {
    if (gallery.isPresent() && !step.pictures().isEmpty()) {
      pictured.addAll(step.pictures());
      gallery.get().tell(step);
    }
  }
}
