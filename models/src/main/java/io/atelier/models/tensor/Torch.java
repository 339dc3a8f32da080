package io.atelier.models.tensor;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.atelier.models.cache.CacheFolder;

/**
 * The native engine of this process. Results depend on the number of native threads, so that is set
 * once per process and recorded with a run.
 */
public final class Torch {

  private static volatile int threads;
  private static volatile Device device;

  private Torch() {}

  /**
   * Loads libtorch with {@code nativeThreads} threads for each operator. The first call determines
   * it.
   *
   * @throws NoGpuException if a GPU is required and libtorch sees none
   * @throws IllegalStateException if another thread count or device is already in use
   */
  public static synchronized void start(int nativeThreads, DeviceChoice choice) {
    if (nativeThreads < 1) {
      throw new IllegalArgumentException("native threads must be at least 1, got " + nativeThreads);
    }
    if (threads == nativeThreads) {
      requireDevice(choice);
      return;
    }
    if (threads != 0) {
      throw new IllegalStateException(
          "this process computes with %d native threads and cannot change to %d"
              .formatted(threads, nativeThreads));
    }
    CacheFolder.get();
    Engine.getEngine("PyTorch");
    boolean gpu = choice != DeviceChoice.CPU && seesGpu();
    if (choice == DeviceChoice.CUDA && !gpu) {
      throw new NoGpuException();
    }
    JniUtils.setNumThreads(nativeThreads);
    device = gpu ? Device.gpu() : Device.cpu();
    threads = nativeThreads;
  }

  /** The engine's own GPU count would need a CUDA runtime in addition to libtorch's. */
  private static boolean seesGpu() {
    return Engine.getEngine("PyTorch").hasCapability(StandardCapabilities.CUDA);
  }

  private static void requireDevice(DeviceChoice choice) {
    if (choice == DeviceChoice.CUDA && !seesGpu()) {
      throw new NoGpuException();
    }
    if (choice != DeviceChoice.AUTO && device.isGpu() != (choice == DeviceChoice.CUDA)) {
      throw new IllegalStateException(
          "this process computes on %s and cannot change to %s".formatted(device, choice));
    }
  }

  /** Native threads of an operator; starts the engine with one thread if it is not started yet. */
  public static int threads() {
    if (threads == 0) {
      start(1, DeviceChoice.AUTO);
    }
    return threads;
  }

  /**
   * Prepares the calling thread to compute: grad mode and the graph executor are thread-local in
   * libtorch, and differ between the thread that loads the engine and all others. The profiling
   * graph executor is off, since it would change the arithmetic of a script between the first and
   * later calls.
   */
  public static void enter(boolean gradients) {
    threads();
    JniUtils.setGraphExecutorOptimize(false);
    JniUtils.setGradMode(gradients);
  }

  /** Whether the calling thread records gradients. */
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

  /** A new scope of native arrays on the device of this process; the caller closes it. */
  public static NDManager newScope() {
    return NDManager.newBaseManager(device(), "PyTorch");
  }

  /** The device of this process: the CPU or the first visible GPU. */
  public static Device device() {
    threads();
    return device;
  }

  /** The version of libtorch. */
  public static String version() {
    return Engine.getEngine("PyTorch").getVersion();
  }
}
