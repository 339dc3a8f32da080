package io.atelier.actors.web;

import io.atelier.actors.port.Clock;

/** A clock that stands until it is set. */
final class HandClock implements Clock {

  private volatile long millis = RunFixture.BEAT + 3000;

  void set(long to) {
    millis = to;
  }

  @Override
  public long nanos() {
    return millis * 1_000_000;
  }

  @Override
  public long epochMillis() {
    return millis;
  }
}
