package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.cache.CacheEntries;
import io.atelier.models.files.LongWork;
import io.atelier.models.files.Sha256;
import io.atelier.models.safetensors.DType;
import io.atelier.models.safetensors.SafetensorsException;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.safetensors.SafetensorsWriter;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.NativeMemory;
import io.atelier.models.tensor.Torch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Text features on disk, so that encoders of many gigabytes are in memory only while there are
 * prompts that were never encoded. An entry's key is made of the model's text encoders, the number
 * of T5 tokens and the prompt. Thread-safe, and several processes may share a folder.
 */
final class TextCache implements TextFeatures {

  /**
   * Loads the encoders; closing them frees the memory.
   *
   * @see TextFeatures#of
   */
  @FunctionalInterface
  interface Encoders {
    TextFeatures load();
  }

  private static final Logger LOG = LoggerFactory.getLogger(TextCache.class);
  private static final String CONTEXT = "context";
  static final String POOLED = "pooled";
  private static final String ENDING = ".safetensors";

  /** One load at a time: two may not fit into memory. */
  private static final Object LOADING = new Object();

  private final Path folder;
  private final String made;
  private final DType type;
  private final long limit;
  private final Encoders encoders;

  /**
   * @param folder the cache folder, created when needed
   * @param made identifies the encoders, as part of the key
   * @param type type of the stored elements, F32, F16 or BF16; features are rounded to it, also
   *     when they are first computed
   * @param limit bytes above which the oldest entries are deleted
   */
  TextCache(Path folder, String made, DType type, long limit, Encoders encoders) {
    this.folder = folder;
    this.made = made;
    this.type = type;
    this.limit = limit;
    this.encoders = encoders;
  }

  @Override
  public Encoded encode(NDManager scope, String text) {
    Path entry = entry(text);
    if (!Files.exists(entry)) {
      prepare(List.of(text));
    }
    try {
      return read(scope, entry);
    } catch (SafetensorsException e) {
      LOG.warn("{} is made again: {}", entry, e.getMessage());
      synchronized (LOADING) {
        encodeAll(Map.of(text, entry));
      }
      return read(scope, entry);
    }
  }

  @Override
  public void prepare(List<String> texts) {
    if (!missing(texts).isEmpty()) {
      synchronized (LOADING) {
        encodeAll(missing(texts)); // another thread may have been first
      }
    }
  }

  private Map<String, Path> missing(List<String> texts) {
    Map<String, Path> missing = new LinkedHashMap<>();
    for (String text : texts) {
      Path entry = entry(text);
      if (!Files.exists(entry)) {
        missing.put(text, entry);
      }
    }
    return missing;
  }

  private void encodeAll(Map<String, Path> texts) {
    if (texts.isEmpty()) {
      return;
    }
    LOG.info(
        LongWork.SHOWN,
        "encoding {} prompt(s), once; the text encoders are freed afterwards",
        texts.size());
    try (TextFeatures loaded = encoders.load();
        NDManager scope = Torch.newScope()) {
      Files.createDirectories(folder);
      IntConsumer done = LongWork.tenths(LOG, texts.size(), "{} of {} prompts are encoded");
      for (Map.Entry<String, Path> text : texts.entrySet()) {
        try (NDManager work = scope.newSubManager()) {
          write(
              text.getValue(),
              Torch.withGradients(false, () -> loaded.encode(work, text.getKey())));
        }
        done.accept(1);
      }
      CacheEntries.evict(folder, ENDING, limit, texts.values());
    } catch (IOException e) {
      throw new UncheckedIOException("text features cannot be kept in " + folder, e);
    }
    NativeMemory.trim();
  }

  private Path entry(String text) {
    return entry(folder, made, text);
  }

  /** The file of a text's features, whether it exists or not. */
  static Path entry(Path folder, String made, String text) {
    return folder.resolve(Sha256.of(made + "\n" + text) + ENDING);
  }

  private static Encoded read(NDManager scope, Path entry) {
    SafetensorsFile file = SafetensorsFile.read(entry);
    return new Encoded(tensor(scope, file, CONTEXT), tensor(scope, file, POOLED));
  }

  private static NDArray tensor(NDManager scope, SafetensorsFile file, String name) {
    return Host.toNative(scope, file.floats(name), file.info(name).shape());
  }

  private void write(Path entry, Encoded encoded) {
    SafetensorsWriter writer = new SafetensorsWriter();
    add(writer, CONTEXT, encoded.context());
    add(writer, POOLED, encoded.pooled());
    CacheEntries.write(writer, entry);
  }

  private void add(SafetensorsWriter writer, String name, NDArray array) {
    float[] values = Host.floats(array);
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new ArithmeticException("a text encoder returned %s".formatted(value));
      }
    }
    writer.add(name, type, array.getShape().getShape(), values);
  }
}
