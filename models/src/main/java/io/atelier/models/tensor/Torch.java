package io.atelier.models.tensor;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.atelier.models.cache.CacheFolder;

/**
 * The native engine of this process. Results depend on the number of native threads, so it is set
 * once for the process and recorded with a run.
 */
public final class Torch {

  private static volatile int threads;

  private Torch() {}

  /**
   * Loads libtorch with {@code nativeThreads} threads for each operator. The first call decides.
   *
   * @throws IllegalStateException if another thread count is already in force
   */
  public static synchronized void start(int nativeThreads) {
    if (nativeThreads < 1) {
      throw new IllegalArgumentException("native threads must be at least 1, got " + nativeThreads);
    }
    if (threads == nativeThreads) {
      return;
    }
    if (threads != 0) {
      throw new IllegalStateException(
          "this process computes with %d native threads and cannot change to %d"
              .formatted(threads, nativeThreads));
    }
    CacheFolder.get();
    Engine.getEngine("PyTorch");
    JniUtils.setNumThreads(nativeThreads);
    threads = nativeThreads;
  }

  /** Native threads of an operator; starts the engine with one thread if nobody has started it. */
  public static int threads() {
    if (threads == 0) {
      start(1);
    }
    return threads;
  }

  /**
   * Prepares the calling thread to compute: grad mode and the graph executor are thread-local in
   * libtorch, and differ between the thread that loads the engine and all others. The profiling
   * graph executor is off, since it would change the arithmetic of a script between its first calls
   * and later ones.
   */
  public static void enter(boolean gradients) {
    threads();
    JniUtils.setGraphExecutorOptimize(false);
    JniUtils.setGradMode(gradients);
  }

  /** Whether what the calling thread computes can be differentiated. */
  public static boolean isRecording() {
    return JniUtils.isGradMode();
  }

  /** Runs {@code body} with grad mode set as given, and restores it. */
  public static <T> T withGradients(boolean gradients, java.util.function.Supplier<T> body) {
    boolean before = JniUtils.isGradMode();
    enter(gradients);
    try {
      return body.get();
    } finally {
      JniUtils.setGradMode(before);
    }
  }

  /** A new scope of native arrays on the CPU or the first GPU; the caller closes it. */
  public static NDManager newScope() {
    threads();
    return NDManager.newBaseManager(device(), "PyTorch");
  }

  /** The first GPU if this build of libtorch sees one, else the CPU. */
  public static Device device() {
    return Engine.getEngine("PyTorch").getGpuCount() > 0 ? Device.gpu() : Device.cpu();
  }
}
