package io.atelier.actors.codec;

import io.atelier.actors.transport.wire.WireReader;
import io.atelier.actors.transport.wire.WireWriter;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import java.nio.ByteBuffer;

/** The group of a blob, and its encoding. */
record GroupFields(GroupId id, Prompt prompt) {
  static final int MAX_HASH_BYTES = 128;
  static final int MAX_PROMPT_BYTES = 1 << 16;

  static long length(Prompt prompt) {
    return 2L * Integer.BYTES + promptLength(prompt);
  }

  static void put(ByteBuffer into, GroupId id, Prompt prompt) {
    into.putInt(id.step()).putInt(id.slot());
    putPrompt(into, prompt);
  }

  static long promptLength(Prompt prompt) {
    return Integer.BYTES
        + WireWriter.length(prompt.text())
        + WireWriter.length(prompt.attributes());
  }

  static void putPrompt(ByteBuffer into, Prompt prompt) {
    into.putInt(prompt.index());
    WireWriter.text(into, prompt.text());
    WireWriter.text(into, prompt.attributes());
  }

  static Prompt readPrompt(WireReader reader) {
    int index = reader.integer();
    if (index < 0) {
      throw reader.malformed("prompt %d".formatted(index));
    }
    return new Prompt(index, reader.text(MAX_PROMPT_BYTES), reader.text(MAX_PROMPT_BYTES));
  }

  static GroupFields read(WireReader reader) {
    int step = reader.integer();
    int slot = reader.integer();
    if (step < 0 || slot < 0) {
      throw reader.malformed("step %d, slot %d".formatted(step, slot));
    }
    return new GroupFields(new GroupId(step, slot), readPrompt(reader));
  }
}
