package io.atelier.actors.codec;

import io.atelier.actors.transport.Codec;
import io.atelier.actors.transport.wire.WireReader;
import io.atelier.actors.transport.wire.WireWriter;
import io.atelier.models.vision.Images;
import io.atelier.rollout.ImageGroup;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Format, group, policy version and hash, then count, rows, columns and pixels of its images, and
 * the same of each of its completions.
 */
final class DrawnGroupCodec implements Codec<DrawnGroup> {
  private static final byte FORMAT = 2;

  /** Bytes of encoded images besides their pixels. */
  private static final int HEADER = 4 * Integer.BYTES;

  @Override
  public long length(DrawnGroup drawn) {
    ImageGroup group = drawn.group();
    return 1L
        + GroupFields.length(group.prompt())
        + Long.BYTES
        + WireWriter.length(group.policyHash())
        + length(group.images())
        + Integer.BYTES
        + drawn.completions().stream().mapToLong(DrawnGroupCodec::length).sum();
  }

  @Override
  public void encode(DrawnGroup drawn, ByteBuffer into) {
    ImageGroup group = drawn.group();
    into.put(FORMAT);
    GroupFields.put(into, group.id(), group.prompt());
    into.putLong(group.policyVersion());
    WireWriter.text(into, group.policyHash());
    put(into, group.images());
    into.putInt(drawn.completions().size());
    drawn.completions().forEach(completion -> put(into, completion));
  }

  @Override
  public DrawnGroup decode(ByteBuffer from) {
    WireReader reader = new WireReader(from, "image group");
    reader.format(FORMAT);
    GroupFields group = GroupFields.read(reader);
    long version = reader.whole();
    String hash = reader.text(GroupFields.MAX_HASH_BYTES);
    Images images = images(reader);
    int count = reader.count(HEADER);
    List<Images> completions = new ArrayList<>();
    for (int t = 0; t < count; t++) {
      completions.add(completion(reader, images));
    }
    reader.end();
    return new DrawnGroup(
        new ImageGroup(group.id(), group.prompt(), images, version, hash), completions);
  }

  private static Images completion(WireReader reader, Images group) {
    Images completion = images(reader);
    if (completion.count() != 1 && completion.count() != group.count()
        || completion.height() != group.height()
        || completion.width() != group.width()) {
      throw reader.malformed(
          "a completion with %d images of %d x %d, of a group with %d of %d x %d"
              .formatted(
                  completion.count(),
                  completion.height(),
                  completion.width(),
                  group.count(),
                  group.height(),
                  group.width()));
    }
    return completion;
  }

  static long length(Images images) {
    return (long) HEADER + images.rgb().length;
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
