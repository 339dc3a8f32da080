package io.atelier.actors.doctor;

/**
 * The first line of a {@link PeerListener}.
 *
 * @param doctor version of this protocol
 * @param udpPort port at which it answers datagrams
 * @param token that datagrams have to carry
 * @param facts of its machine
 */
record Greeting(int doctor, int udpPort, long token, MachineFacts facts) {

  static final int VERSION = 1;

  /** Asks for the time of the machine, in nanoseconds since the epoch. */
  static final String TIME = "time";

  /** The first line of a {@link PeerCheck}. */
  static final String HELLO = "atelier doctor";
}
