package io.atelier.actors.codec;

import io.atelier.actors.report.GroupPictures;
import io.atelier.actors.transport.Codec;
import io.atelier.actors.transport.wire.WireReader;
import io.atelier.actors.transport.wire.WireWriter;
import io.atelier.reward.PlaceLogits;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Format, rows, columns and the JPEGs, then for each reward its name and for each of its maps the
 * name, rows, columns and logits.
 */
final class GroupPicturesCodec implements Codec<GroupPictures> {
  private static final byte FORMAT = 1;
  private static final int MAX_NAME_BYTES = 1 << 10;

  /** Least bytes of a reward, without name and maps, and of a map, without name and logits. */
  private static final int REWARD_BYTES = 2 * Integer.BYTES;

  private static final int MAP_BYTES = 4 * Integer.BYTES;

  @Override
  public long length(GroupPictures pictures) {
    long length = 1L + 4 * Integer.BYTES;
    for (byte[] jpeg : pictures.jpegs()) {
      length += Integer.BYTES + jpeg.length;
    }
    for (Map.Entry<String, SortedMap<String, PlaceLogits>> reward : pictures.places().entrySet()) {
      length += WireWriter.length(reward.getKey()) + Integer.BYTES;
      for (Map.Entry<String, PlaceLogits> map : reward.getValue().entrySet()) {
        length += WireWriter.length(map.getKey()) + 3L * Integer.BYTES;
        length += (long) Float.BYTES * map.getValue().values().length;
      }
    }
    return length;
  }

  @Override
  public void encode(GroupPictures pictures, ByteBuffer into) {
    into.put(FORMAT).putInt(pictures.height()).putInt(pictures.width());
    into.putInt(pictures.jpegs().size());
    pictures.jpegs().forEach(jpeg -> WireWriter.bytes(into, jpeg));
    into.putInt(pictures.places().size());
    pictures
        .places()
        .forEach(
            (reward, maps) -> {
              WireWriter.text(into, reward);
              into.putInt(maps.size());
              maps.forEach(
                  (map, logits) -> {
                    WireWriter.text(into, map);
                    into.putInt(logits.rows()).putInt(logits.columns());
                    WireWriter.floats(into, logits.values());
                  });
            });
  }

  @Override
  public GroupPictures decode(ByteBuffer from) {
    WireReader reader = new WireReader(from, "pictures of a group");
    reader.format(FORMAT);
    int height = reader.integer();
    int width = reader.integer();
    List<byte[]> jpegs = new ArrayList<>();
    int images = reader.count(Integer.BYTES);
    for (int i = 0; i < images; i++) {
      jpegs.add(reader.bytes());
    }
    if (height < 1 || width < 1 || images < 1) {
      throw reader.malformed("%d pictures of %d x %d".formatted(images, height, width));
    }
    SortedMap<String, SortedMap<String, PlaceLogits>> places = new TreeMap<>();
    int rewards = reader.count(REWARD_BYTES);
    for (int r = 0; r < rewards; r++) {
      String reward = reader.text(MAX_NAME_BYTES);
      SortedMap<String, PlaceLogits> maps = new TreeMap<>();
      int count = reader.count(MAP_BYTES);
      for (int m = 0; m < count; m++) {
        maps.put(reader.text(MAX_NAME_BYTES), logits(reader, images));
      }
      places.put(reward, maps);
    }
    reader.end();
    return new GroupPictures(height, width, jpegs, places);
  }

  private static PlaceLogits logits(WireReader reader, int images) {
    int rows = reader.integer();
    int columns = reader.integer();
    float[] values = reader.floats();
    long places = (long) rows * columns;
    if (rows < 1
        || columns < 1
        || places > values.length
        || values.length % places != 0
        || values.length / places != images) {
      throw reader.malformed(
          "%d logits of %d x %d places of %d images"
              .formatted(values.length, rows, columns, images));
    }
    return new PlaceLogits(rows, columns, values);
  }
}
