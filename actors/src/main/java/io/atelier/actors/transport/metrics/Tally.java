package io.atelier.actors.transport.metrics;

/** What a data plane counts. */
public enum Tally {
  SENT_FRAMES,
  SENT_BYTES,
  RECEIVED_FRAMES,
  RECEIVED_BYTES,
  /** Frames that came by a broadcast, among those received. */
  BROADCAST_FRAMES,
  /** Frames that did not come by a log buffer, refused ones too. */
  LANDED_FRAMES,
  /** Versions that came over the network from their publisher. */
  VERSIONS_FROM_PUBLISHER,
  /** Versions that came over the network from a relay. */
  VERSIONS_FROM_RELAY,
  /** Versions read from memory of this host. */
  VERSIONS_FROM_SLOT,
  /** Broadcasts that one receiver held up, so that all were left to pull the rest. */
  BROADCASTS_GIVEN_UP,
  /** Times that a publication had back pressure. */
  BACK_PRESSURED,
  /** Messages and requests discarded because their receiver could not be reached. */
  UNDELIVERED,
  /** Chunks asked for a second time or more. */
  ASKED_AGAIN,
  /** Transfers that failed. */
  FAILED,
  /** Transfers that had to wait until the node had room for them. */
  PUT_OFF,
  /** Blobs that did not fit the store when they were made or landed, and are tried again. */
  NO_ROOM,
  /** Not a frame of this version of the protocol, or one that claims what cannot be. */
  REFUSED_MALFORMED,
  /** Sent with another key: by a node of another run, or that has the key of another leader. */
  REFUSED_KEY,
  /** Meant for an earlier process at this address, or sent by one. */
  REFUSED_SESSION,
  /** Changed on its way, by accident or not, or forged: its tag is wrong. */
  REFUSED_TAG,
  /** A message that came before, or is older than one that came. */
  REFUSED_REPLAY,
  /** Requests beyond what a peer may have open. */
  REFUSED_OVERFLOW
}
