package io.atelier.tests.wire;

import akka.serialization.SerializerWithStringManifest;
import io.atelier.actors.protocol.WireMessage;

/** Puts any bytes where those of a message would be, as a node of another make could. */
public final class ForeignSerializer extends SerializerWithStringManifest {

  /** What to send. */
  public record Frame(String manifest, byte[] bytes) implements WireMessage {}

  @Override
  public int identifier() {
    return 5_600;
  }

  @Override
  public String manifest(Object message) {
    return ((Frame) message).manifest();
  }

  @Override
  public byte[] toBinary(Object message) {
    return ((Frame) message).bytes();
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) {
    return new Frame(manifest, bytes);
  }
}
