package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDManager;
import io.atelier.models.cache.CacheFolder;
import io.atelier.models.files.FileHashes;
import io.atelier.models.files.LongWork;
import io.atelier.models.files.Sha256;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.tensor.StorageType;
import io.atelier.models.tensor.Torch;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The text encoders of a model folder. */
public final class TextEncoders {

  private static final Logger LOG = LoggerFactory.getLogger(TextEncoders.class);

  /** Encoders whose files together are no larger than this stay in memory, in bytes. */
  private static final long RESIDENT = 512L << 20;

  /**
   * Limit for cached features of larger ones, in bytes: about 10,000 prompts with Stable Diffusion
   * 3.5.
   */
  private static final long KEPT = 16L << 30;

  private TextEncoders() {}

  /**
   * Loads small encoders. Larger ones are loaded only while there are prompts whose features are
   * not yet in the user's cache on disk.
   *
   * @param scope owns the weights of small ones
   * @param t5Length T5 tokens per prompt, if the model has T5
   */
  public static TextFeatures open(NDManager scope, PipelineFolder folder, int t5Length) {
    if (stayInMemory(folder)) {
      return TextFeatures.of(folder.loadPromptEncoder(scope), t5Length);
    }
    return new TextCache(
        CacheFolder.get().resolve("text"),
        identity(folder) + " " + t5Length,
        folder.textType(),
        KEPT,
        () -> load(folder, t5Length));
  }

  /** Identifies text encoders by the content of their files and their storage type. */
  static String identity(PipelineFolder folder) {
    try {
      FileHashes hashes =
          FileHashes.cached(CacheFolder.get(), line -> LOG.info(LongWork.SHOWN, line));
      String files = Sha256.of(hashes.of(folder.textFiles()));
      StorageType storage = folder.types().text();
      return storage == StorageType.STORED ? files : files + " " + storage;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the text encoders of %s cannot be read".formatted(folder.root()), e);
    }
  }

  /** Whether the text encoders of a model folder are small. */
  public static boolean stayInMemory(PipelineFolder folder) {
    return folder.textBytes() <= RESIDENT;
  }

  private static TextFeatures load(PipelineFolder folder, int t5Length) {
    NDManager weights = Torch.newScope();
    try {
      return new Loaded(TextFeatures.of(folder.loadPromptEncoder(weights), t5Length), weights);
    } catch (RuntimeException | Error e) {
      weights.close();
      throw e;
    }
  }

  /** Encoders with the scope that owns their weights. */
  private record Loaded(TextFeatures features, NDManager weights) implements TextFeatures {

    @Override
    public Encoded encode(NDManager scope, String text) {
      return features.encode(scope, text);
    }

    @Override
    public void close() {
      features.close();
      weights.close();
    }
  }
}
