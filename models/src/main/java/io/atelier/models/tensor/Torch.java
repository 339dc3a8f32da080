package io.atelier.models.tensor;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.atelier.models.cache.CacheFolder;

/**
 * The native engine of this process. Results depend on the number of native threads, so it is set
 * once for the process and recorded with a run.
 */
public final class Torch {

  private static volatile int threads;
  private static volatile Device device;

  private Torch() {}

  /**
   * Loads libtorch with {@code nativeThreads} threads for each operator. The first call decides.
   *
   * @throws NoGpuException if there is to be a GPU and libtorch sees none
   * @throws IllegalStateException if another thread count or device is already in force
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

  /** The count of GPUs that the engine tells needs the CUDA runtime beside libtorch's own. */
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

  /** Native threads of an operator; starts the engine with one thread if nobody has started it. */
  public static int threads() {
    if (threads == 0) {
      start(1, DeviceChoice.AUTO);
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

  /** A new scope of native arrays on the device of this process; the caller closes it. */
  public static NDManager newScope() {
    return NDManager.newBaseManager(device(), "PyTorch");
  }

  /** What this process computes on: the CPU or the first GPU that it may see. */
  public static Device device() {
    threads();
    return device;
  }

  /** The version of libtorch. */
  public static String version() {
    return Engine.getEngine("PyTorch").getVersion();
  }
}
