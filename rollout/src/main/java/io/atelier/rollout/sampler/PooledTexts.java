package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDManager;
import io.atelier.models.cache.CacheEntries;
import io.atelier.models.files.LongWork;
import io.atelier.models.safetensors.DType;
import io.atelier.models.safetensors.SafetensorsException;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.safetensors.SafetensorsWriter;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.PromptEncoder;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pooled vectors of texts from a model's two CLIP encoders, concatenated and scaled to unit
 * length: the model's own summary of a text. The encoders, without T5, are in memory only while
 * there are texts that were never encoded; their output is cached on disk, and entries of {@link
 * TextCache} are used too. Thread-safe.
 */
public final class PooledTexts {

  private static final Logger LOG = LoggerFactory.getLogger(PooledTexts.class);

  /** Vectors in memory: with 2,048 values each, 64 MB. */
  private static final int KNOWN = 8192;

  /** Limit for vectors on disk, in bytes. */
  private static final long KEPT = 1L << 30;

  private static final String ENDING = ".safetensors";

  /** Where vectors are stored, and which encoders made them. */
  private record Store(Path texts, String whole, Path pooled, String made, DType type) {}

  private final PipelineFolder model;
  private final int t5Length;
  private final Path cache;
  private final Map<String, float[]> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, float[]> eldest) {
          return size() > KNOWN;
        }
      };
  private Optional<Store> store = Optional.empty();

  /**
   * Loads nothing yet.
   *
   * @param t5Length T5 tokens of entries in {@link TextCache}, see {@link TextEncoders#open}
   * @param cache the user's cache folder
   */
  public PooledTexts(PipelineFolder model, int t5Length, Path cache) {
    this.model = model;
    this.t5Length = t5Length;
    this.cache = cache;
  }

  /** Number of values of a vector. */
  public int width() {
    return model.transformerConfig().pooledDim();
  }

  /** The vector of a text; not to be modified. */
  public synchronized float[] of(String text) {
    prepare(List.of(text));
    return known.get(text);
  }

  /**
   * Prepares the vectors of texts, at most as many as are kept: the encoders are loaded once for
   * all.
   */
  public synchronized void prepare(List<String> texts) {
    Map<String, Path> missing = new LinkedHashMap<>();
    for (String text : texts) {
      if (known.get(text) == null) { // get, so that it counts as recently used
        Optional<float[]> kept = kept(text);
        kept.ifPresent(vector -> known.put(text, vector));
        if (kept.isEmpty()) {
          missing.put(text, entry(text));
        }
      }
    }
    if (!missing.isEmpty()) {
      Torch.threads(); // starts the engine, if nothing else has
      Torch.withGradients(false, (Supplier<Void>) () -> encode(missing));
    }
  }

  private Optional<float[]> kept(String text) {
    Store at = store();
    for (Path file : List.of(entry(text), TextCache.entry(at.texts(), at.whole(), text))) {
      if (Files.exists(file)) {
        try {
          return Optional.of(unit(SafetensorsFile.read(file).floats(TextCache.POOLED)));
        } catch (SafetensorsException e) {
          LOG.warn("{} is made again: {}", file, e.getMessage());
        }
      }
    }
    return Optional.empty();
  }

  private Path entry(String text) {
    return TextCache.entry(store().pooled(), store().made(), text);
  }

  private Store store() {
    if (store.isEmpty()) {
      String encoders = TextEncoders.identity(model);
      store =
          Optional.of(
              new Store(
                  cache.resolve("text"),
                  encoders + " " + t5Length,
                  cache.resolve("pooled"),
                  encoders,
                  model.textType()));
    }
    return store.get();
  }

  private Void encode(Map<String, Path> texts) {
    LOG.info(LongWork.SHOWN, "encoding {} prompt(s) by CLIP alone", texts.size());
    try (NDManager weights = Torch.newScope();
        PromptEncoder encoder = model.loadClipEncoders(weights)) {
      Files.createDirectories(store().pooled());
      for (Map.Entry<String, Path> text : texts.entrySet()) {
        try (NDManager work = weights.newSubManager()) {
          float[] values =
              Host.floats(encoder.encode(work, List.of(text.getKey()), t5Length).pooled());
          // Rounded like a TextCache entry, so that it does not matter which of the two is found.
          CacheEntries.write(
              new SafetensorsWriter()
                  .add(TextCache.POOLED, store().type(), new long[] {1, values.length}, values),
              text.getValue());
        }
        known.put(
            text.getKey(), unit(SafetensorsFile.read(text.getValue()).floats(TextCache.POOLED)));
      }
      CacheEntries.evict(store().pooled(), ENDING, KEPT, texts.values());
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException("text vectors cannot be kept in " + store().pooled(), e);
    }
  }

  private static float[] unit(float[] values) {
    double square = 0;
    for (float value : values) {
      square += (double) value * value;
    }
    if (!(square > 0) || Double.isInfinite(square)) {
      throw new ArithmeticException("a pooled text vector has the square length " + square);
    }
    float[] unit = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      unit[i] = (float) (values[i] / Math.sqrt(square));
    }
    return unit;
  }
}
