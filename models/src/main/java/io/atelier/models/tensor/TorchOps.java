package io.atelier.models.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * ATen operators that the tensor API lacks, and fixed sequences of them up to a whole block of a
 * network, with autograd.
 *
 * <p>They are methods of a TorchScript class (resource {@code ops.torchscript}); its archive is
 * written in memory when the engine starts. A call costs about 20 µs. The result belongs to the
 * manager of the first argument.
 */
public final class TorchOps {

  private static final String FOLDER = "ops/";

  /** The archive's object: an instance of {@code __torch__.Ops} with {@code training = False}. */
  private static final byte[] OBJECT = object();

  private static final byte[] EMPTY_TUPLE = {(byte) 0x80, 2, 0x29, 0x2E};

  private static final TorchOps INSTANCE = new TorchOps();

  private final PtSymbolBlock block;
  private final NDManager manager;
  private final Map<String, NDArray> selectors = new ConcurrentHashMap<>();
  private final Map<Long, NDArray> integers = new ConcurrentHashMap<>();

  private TorchOps() {
    Torch.threads();
    manager = NDManager.newBaseManager(Torch.device(), "PyTorch");
    try (InputStream source = TorchOps.class.getResourceAsStream("ops.torchscript")) {
      byte[] archive = archive(source.readAllBytes());
      block =
          JniUtils.loadModule(
              (PtNDManager) manager, new ByteArrayInputStream(archive), false, false);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot build the operator archive", e);
    }
  }

  /** Calls the method {@code name} of the operator class. */
  public static NDArray call(String name, NDArray... arguments) {
    return callAll(name, arguments).head();
  }

  /** As {@link #call}, for a method that returns several tensors. */
  public static NDList callAll(String name, NDArray... arguments) {
    NDList list = new NDList(arguments.length + 1);
    for (NDArray argument : arguments) {
      list.add(argument);
    }
    list.add(INSTANCE.selectors.computeIfAbsent(name, INSTANCE::selector));
    return IValueUtils.forward(INSTANCE.block, list, true);
  }

  /**
   * {@code x weightᵀ + bias} over the last dimension of {@code x}, with libtorch's library for it:
   * on x86 MKL, for bfloat16 oneDNN.
   *
   * @param x of any {@link ComputeType}, the type of the computation
   * @param weight (out, in), float32 or {@link Stored}
   * @param bias (out), float32
   */
  public static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
    return call("linear", x, weight, bias);
  }

  /**
   * The same array as an element of a list argument: all arguments with one list name form a list,
   * in their order.
   *
   * @param scope owns the result; the array itself must live as long
   * @param list letters and digits
   */
  public static NDArray listed(NDManager scope, NDArray array, String list) {
    NDArray same = call("forward", array);
    same.attach(scope);
    same.setName(list + "[]");
    return same;
  }

  /** Part {@code from} (inclusive) to {@code to} (exclusive) of one dimension, as a view. */
  public static NDArray slice(NDArray x, int dimension, long from, long to) {
    return JniUtils.slice((PtNDArray) x, dimension, from, to, 1);
  }

  /**
   * A 0-dimensional int64 tensor on the CPU, for sizes that a script takes; shared, never closed.
   */
  public static NDArray integer(long value) {
    return INSTANCE.integers.computeIfAbsent(
        value,
        v -> {
          try (NDManager cpu = NDManager.newBaseManager(ai.djl.Device.cpu(), "PyTorch")) {
            NDArray scalar = cpu.create(v.longValue());
            scalar.detach();
            return scalar;
          }
        });
  }

  private NDArray selector(String name) {
    NDArray selector = manager.create(0f);
    selector.setName("module_method:" + name);
    return selector;
  }

  private static byte[] archive(byte[] source) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      store(zip, "data.pkl", OBJECT);
      store(zip, "constants.pkl", EMPTY_TUPLE);
      store(zip, "version", "10\n".getBytes(StandardCharsets.US_ASCII));
      store(zip, "code/__torch__.py", source);
    }
    return bytes.toByteArray();
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    ZipEntry entry = new ZipEntry(FOLDER + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    CRC32 crc = new CRC32();
    crc.update(content);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  private static byte[] object() {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.writeBytes(new byte[] {(byte) 0x80, 2, 'c'});
    pickle.writeBytes("__torch__\nOps\n".getBytes(StandardCharsets.US_ASCII));
    pickle.writeBytes(new byte[] {')', (byte) 0x81, '}', '(', 'X', 8, 0, 0, 0});
    pickle.writeBytes("training".getBytes(StandardCharsets.US_ASCII));
    pickle.writeBytes(new byte[] {(byte) 0x89, 'u', 'b', '.'});
    return pickle.toByteArray();
  }
}
