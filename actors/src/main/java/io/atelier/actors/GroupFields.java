package io.atelier.actors;

import io.atelier.actors.transport.WireReader;
import io.atelier.actors.transport.WireWriter;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import java.nio.ByteBuffer;

/** The group that a blob is of, as it travels. */
record GroupFields(GroupId id, Prompt prompt) {
  static final int MAX_HASH_BYTES = 128;
  static final int MAX_PROMPT_BYTES = 1 << 16;

  static long length(Prompt prompt) {
    return 3L * Integer.BYTES + WireWriter.length(prompt.text());
  }

  static void put(ByteBuffer into, GroupId id, Prompt prompt) {
    into.putInt(id.step()).putInt(id.slot()).putInt(prompt.index());
    WireWriter.text(into, prompt.text());
  }

  static GroupFields read(WireReader reader) {
    int step = reader.integer();
    int slot = reader.integer();
    int index = reader.integer();
    if (step < 0 || slot < 0 || index < 0) {
      throw reader.malformed("step %d, slot %d, prompt %d".formatted(step, slot, index));
    }
    return new GroupFields(
        new GroupId(step, slot), new Prompt(index, reader.text(MAX_PROMPT_BYTES)));
  }
}
