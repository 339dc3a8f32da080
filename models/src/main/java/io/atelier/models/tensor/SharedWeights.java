package io.atelier.models.tensor;

import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Frozen weights shared by all their users in this process: the first loads them, the last frees
 * them. Thread-safe as long as the arrays are not written to.
 */
public final class SharedWeights {

  private static final Map<Object, SharedWeights> HELD = new HashMap<>();
  private static final AtomicLong USES = new AtomicLong();

  private final NDManager manager = Torch.newScope();
  private Parameters parameters;
  private int users;

  private SharedWeights() {}

  /**
   * @param user scope that keeps the weights in memory until it is closed
   * @param key equal for equal weights only
   * @param loader loads them into the given scope
   */
  public static Parameters of(NDManager user, Object key, Function<NDManager, Parameters> loader) {
    synchronized (HELD) {
      SharedWeights shared = HELD.get(key);
      if (shared == null) {
        shared = load(loader);
        HELD.put(key, shared);
      }
      shared.users++;
      SharedWeights used = shared;
      user.attachInternal("shared weights " + USES.incrementAndGet(), () -> used.release(key));
      return shared.parameters;
    }
  }

  private static SharedWeights load(Function<NDManager, Parameters> loader) {
    SharedWeights shared = new SharedWeights();
    try {
      shared.parameters = loader.apply(shared.manager);
      NativeMemory.trim(); // of copies made to check values and to fuse
      return shared;
    } catch (RuntimeException | Error e) {
      shared.manager.close();
      throw e;
    }
  }

  private void release(Object key) {
    synchronized (HELD) {
      users--;
      if (users == 0) {
        HELD.remove(key);
        manager.close();
        NativeMemory.trim();
      }
    }
  }
}
