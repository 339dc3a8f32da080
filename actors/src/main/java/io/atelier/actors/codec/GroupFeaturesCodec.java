package io.atelier.actors.codec;

import io.atelier.actors.transport.Codec;
import io.atelier.actors.transport.wire.WireReader;
import io.atelier.models.state.NamedTensors;
import io.atelier.reward.GroupFeatures;
import java.nio.ByteBuffer;

/** Format, group, then the features. */
final class GroupFeaturesCodec implements Codec<GroupFeatures> {
  private static final byte FORMAT = 1;

  @Override
  public long length(GroupFeatures group) {
    return 1 + GroupFields.length(group.prompt()) + NamedTensorsCodec.bytes(group.features());
  }

  @Override
  public void encode(GroupFeatures group, ByteBuffer into) {
    into.put(FORMAT);
    GroupFields.put(into, group.id(), group.prompt());
    NamedTensorsCodec.put(into, group.features());
  }

  @Override
  public GroupFeatures decode(ByteBuffer from) {
    WireReader reader = new WireReader(from, "group features");
    reader.format(FORMAT);
    GroupFields group = GroupFields.read(reader);
    NamedTensors features = NamedTensorsCodec.read(reader);
    reader.end();
    return new GroupFeatures(group.id(), group.prompt(), features);
  }
}
