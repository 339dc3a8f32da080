package io.atelier.actors;

import io.atelier.actors.transport.Codec;
import io.atelier.actors.transport.WireReader;
import io.atelier.actors.transport.WireWriter;
import io.atelier.models.vision.Images;
import io.atelier.rollout.ImageGroup;
import java.nio.ByteBuffer;

/** Format, group, policy version and hash, then count, rows, columns and pixels. */
final class ImageGroupCodec implements Codec<ImageGroup> {
  private static final byte FORMAT = 1;

  @Override
  public long length(ImageGroup group) {
    return 1L
        + GroupFields.length(group.prompt())
        + Long.BYTES
        + WireWriter.length(group.policyHash())
        + length(group.images());
  }

  @Override
  public void encode(ImageGroup group, ByteBuffer into) {
    into.put(FORMAT);
    GroupFields.put(into, group.id(), group.prompt());
    into.putLong(group.policyVersion());
    WireWriter.text(into, group.policyHash());
    put(into, group.images());
  }

  @Override
  public ImageGroup decode(ByteBuffer from) {
    WireReader reader = new WireReader(from, "image group");
    reader.format(FORMAT);
    GroupFields group = GroupFields.read(reader);
    long version = reader.whole();
    String hash = reader.text(GroupFields.MAX_HASH_BYTES);
    Images images = images(reader);
    reader.end();
    return new ImageGroup(group.id(), group.prompt(), images, version, hash);
  }

  static long length(Images images) {
    return 4L * Integer.BYTES + images.rgb().length;
  }

  static void put(ByteBuffer into, Images images) {
    into.putInt(images.count()).putInt(images.height()).putInt(images.width());
    WireWriter.bytes(into, images.rgb());
  }

  static Images images(WireReader reader) {
    int count = reader.integer();
    int height = reader.integer();
    int width = reader.integer();
    byte[] rgb = reader.bytes();
    long pixels = (long) height * width;
    if (count < 1
        || height < 1
        || width < 1
        || pixels > rgb.length
        || rgb.length % (3 * pixels) != 0
        || rgb.length / (3 * pixels) != count) {
      throw reader.malformed(
          "%d images of %d x %d in %d bytes".formatted(count, height, width, rgb.length));
    }
    return new Images(count, height, width, rgb);
  }
}
