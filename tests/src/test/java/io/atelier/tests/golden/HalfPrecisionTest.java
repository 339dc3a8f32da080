package io.atelier.tests.golden;

import static io.atelier.tests.golden.Golden.assertCloseRelative;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import io.atelier.models.safetensors.Bfloat16;
import io.atelier.models.safetensors.DType;
import io.atelier.models.safetensors.SafetensorsException;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.safetensors.SafetensorsWriter;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.ClipTextEncoder;
import io.atelier.models.sd3.Mmdit;
import io.atelier.models.sd3.MmditAdapter;
import io.atelier.models.sd3.ModelTypes;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.ComputeType;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.SafetensorsWeights;
import io.atelier.models.tensor.StorageType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A pipeline in half precision, whose matrices stay as its files have them, computes to the bit
 * what one with the same numbers in float32 computes.
 */
@Tag("golden")
class HalfPrecisionTest extends GoldenScope {

  private static final String MODEL = "sd35-tiny";

  /** How far rounding the weights may move a velocity, in units of the largest. */
  private static final Map<DType, Double> MOVED = Map.of(DType.BF16, 2e-2, DType.F16, 3e-3);

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(names = {"BF16", "F16"})
  void shouldPredictTheVelocityOfTheSameNumbers(DType type) throws IOException {
    SafetensorsFile golden = Golden.tensors(MODEL, "expected", "transformer.safetensors");
    float[] packed = velocity(half(type).loadTransformer(scope), golden);
    assertArrayEquals(velocity(rounded(type).loadTransformer(scope), golden), packed);
    assertCloseRelative("velocity", golden.floats("square.mixed.output"), packed, MOVED.get(type));
  }

  @ParameterizedTest
  @EnumSource(names = {"BF16", "F16"})
  void shouldPredictTheSameWithAnAdapterBesideOrMergedIn(DType type) throws IOException {
    SafetensorsFile golden = Golden.tensors(MODEL, "expected", "transformer.safetensors");
    AdapterConfig config = new AdapterConfig(4, 8, List.of("to_q", "to_k", "to_out.0"));
    Mmdit packed = half(type).loadTransformer(scope);
    Mmdit floats = rounded(type).loadTransformer(scope);
    NamedTensors weights = someWeights(packed, config);
    MmditAdapter ofPacked = adapter(packed, config, weights);
    MmditAdapter ofFloats = adapter(floats, config, weights);
    ofPacked.attach();
    ofFloats.attach();
    assertArrayEquals(velocity(floats, golden), velocity(packed, golden));
    ofPacked.merge();
    ofFloats.merge();
    assertArrayEquals(velocity(floats, golden), velocity(packed, golden));
    ofPacked.detach();
    ofFloats.detach();
  }

  @ParameterizedTest
  @EnumSource(names = {"BF16", "F16"})
  void shouldEncodeTextAsTheSameNumbers(DType type) throws IOException {
    long[][] ids = {{0, 1, 2, 3, 1}, {2, 2, 0, 1, 1}};
    assertArrayEquals(
        rounded(type).loadT5(scope).encode(scope, ids).toFloatArray(),
        half(type).loadT5(scope).encode(scope, ids).toFloatArray());
    long[][] ended = {{0, 1, 2, 693, 1}, {2, 693, 0, 1, 1}}; // by the end mark of their vocabulary
    for (String part : List.of("text_encoder", "text_encoder_2")) {
      ClipTextEncoder.Output floats = rounded(type).loadClip(scope, part).encode(scope, ended);
      ClipTextEncoder.Output packed = half(type).loadClip(scope, part).encode(scope, ended);
      assertArrayEquals(floats.hidden().toFloatArray(), packed.hidden().toFloatArray());
      assertArrayEquals(floats.pooled().toFloatArray(), packed.pooled().toFloatArray());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"BF16", "F16"})
  void shouldDecodeAsTheSameNumbers(DType type) throws IOException {
    SafetensorsFile golden = Golden.tensors(MODEL, "expected", "vae.safetensors");
    NDArray latents = load(golden, "decode.latents");
    assertArrayEquals(
        rounded(type).loadVae(scope).decode(latents).toFloatArray(),
        half(type).loadVae(scope).decode(latents).toFloatArray());
  }

  @ParameterizedTest
  @EnumSource(names = {"BF16", "F16"})
  void shouldNameAValueThatIsNotFinite(DType type) {
    Path file = folder.resolve("w.safetensors");
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putShort(6, (short) 0x7fff);
    new SafetensorsWriter().add("w", type, new long[] {2, 2}, bytes).write(file);
    SafetensorsWeights source = new SafetensorsWeights(SafetensorsFile.open(file), 0);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Parameters.load(scope, source, Map.of("w", new long[] {2, 2})));
    assertTrue(e.getMessage().contains("tensor \"w\" is NaN at element 3"), e.getMessage());
  }

  @ParameterizedTest
  @EnumSource(names = {"BF16", "F16"})
  void shouldRoundTheMatricesOfAFileInFloat32(DType type) throws IOException {
    PipelineFolder converted =
        as(new PipelineFolder(Golden.path(MODEL), 0, ModelTypes.DEFAULT), type);
    PipelineFolder rounded = copy("matrices", type, DType.F32, HalfPrecisionTest::isMatrix);
    SafetensorsFile golden = Golden.tensors(MODEL, "expected", "transformer.safetensors");
    Mmdit network = converted.loadTransformer(scope);
    assertTrue(network.weights().isPacked());
    assertArrayEquals(velocity(rounded.loadTransformer(scope), golden), velocity(network, golden));
    long[][] ids = {{0, 1, 2, 3, 1}, {2, 2, 0, 1, 1}};
    assertArrayEquals(
        rounded.loadT5(scope).encode(scope, ids).toFloatArray(),
        converted.loadT5(scope).encode(scope, ids).toFloatArray());
    SafetensorsFile vae = Golden.tensors(MODEL, "expected", "vae.safetensors");
    NDArray latents = load(vae, "decode.latents");
    assertArrayEquals(
        rounded.loadVae(scope).decode(latents).toFloatArray(),
        converted.loadVae(scope).decode(latents).toFloatArray());
  }

  @ParameterizedTest
  @EnumSource(names = {"BF16", "F16"})
  void shouldKeepTheNumbersOfAHalfFileInFloat32(DType type) throws IOException {
    SafetensorsFile golden = Golden.tensors(MODEL, "expected", "transformer.safetensors");
    PipelineFolder stored = half(type);
    PipelineFolder floats = as(stored, DType.F32);
    Mmdit network = floats.loadTransformer(scope);
    assertFalse(network.weights().isPacked());
    assertArrayEquals(velocity(stored.loadTransformer(scope), golden), velocity(network, golden));
    floats.check();
  }

  /** Half as much for a matrix, and none of it mapped; nothing else changes. */
  @Test
  void shouldCountConvertedMatrices() {
    PipelineFolder stored = new PipelineFolder(Golden.path(MODEL), 0, ModelTypes.DEFAULT);
    PipelineFolder half = as(stored, DType.BF16);
    SafetensorsFile file =
        SafetensorsFile.open(
            stored.part("transformer").resolve("diffusion_pytorch_model.safetensors"));
    long matrices =
        file.names().stream()
            .filter(name -> isMatrix(file.info(name).shape()))
            .mapToLong(name -> file.info(name).bytes())
            .sum();
    assertEquals(stored.loadedBytes("transformer") - matrices / 2, half.loadedBytes("transformer"));
    assertTrue(half.memoryBytes("transformer") >= matrices / 2);
    assertTrue(half.isConverted("transformer"));
    assertFalse(stored.isConverted("transformer"));
  }

  @Test
  void shouldNameAValueThatFloat16DoesNotHold() {
    Path file = folder.resolve("large.safetensors");
    ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putFloat(8, -65536).putFloat(4, 65504);
    new SafetensorsWriter().add("w", DType.F32, new long[] {2, 2}, bytes).write(file);
    SafetensorsFile opened = SafetensorsFile.open(file);
    SafetensorsWeights source = new SafetensorsWeights(opened, 0, StorageType.FLOAT16);
    Map<String, long[]> shapes = Map.of("w", new long[] {2, 2});
    String expected = "tensor \"w\" is -65536.0 at element 2, and float16 ends at 65504";
    for (Executable use :
        List.<Executable>of(
            () -> Parameters.load(scope, source, shapes), () -> source.requireFinite("w"))) {
      String message = assertThrows(IllegalArgumentException.class, use).getMessage();
      assertTrue(message.contains(expected), message);
    }
    new SafetensorsWeights(opened, 0, StorageType.BFLOAT16).requireFinite("w");
  }

  @Test
  void shouldRefuseToRoundWholeNumbers() {
    Path file = folder.resolve("whole.safetensors");
    new SafetensorsWriter()
        .add("w", DType.I64, new long[] {2, 2}, ByteBuffer.allocate(4 * Long.BYTES))
        .write(file);
    SafetensorsWeights source =
        new SafetensorsWeights(SafetensorsFile.open(file), 0, StorageType.BFLOAT16);
    String message =
        assertThrows(SafetensorsException.class, () -> source.load("w", scope)).getMessage();
    assertTrue(message.contains("tensor \"w\" has type I64 where BF16, F16 or F32"), message);
  }

  private static PipelineFolder as(PipelineFolder folder, DType type) {
    StorageType storage =
        switch (type) {
          case BF16 -> StorageType.BFLOAT16;
          case F16 -> StorageType.FLOAT16;
          default -> StorageType.FLOAT32;
        };
    return folder.as(new ModelTypes(storage, storage, ComputeType.FLOAT32));
  }

  private static boolean isMatrix(long[] shape) {
    return shape.length == 2 || shape.length == 3;
  }

  private float[] velocity(Mmdit network, SafetensorsFile golden) {
    return network
        .forward(
            load(golden, "square.hidden_states"),
            load(golden, "timestep.mixed"),
            load(golden, "encoder_hidden_states"),
            load(golden, "pooled_projections"))
        .toFloatArray();
  }

  private NamedTensors someWeights(Mmdit network, AdapterConfig config) {
    SplittableRandom random = new SplittableRandom(1);
    Map<String, NamedTensors.Tensor> weights = new TreeMap<>();
    MmditAdapter.shapes(network.config(), config)
        .forEach(
            (name, shape) -> {
              float[] values = new float[(int) (shape[0] * shape[1])];
              for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextDouble(-0.2, 0.2);
              }
              weights.put(name, new NamedTensors.Tensor(shape, values));
            });
    return new NamedTensors(weights);
  }

  private MmditAdapter adapter(Mmdit network, AdapterConfig config, NamedTensors weights) {
    MmditAdapter adapter = new MmditAdapter(scope, network, config);
    adapter.weights().load(weights);
    return adapter;
  }

  private PipelineFolder half(DType type) throws IOException {
    return copy("half", type, type);
  }

  private PipelineFolder rounded(DType type) throws IOException {
    return copy("rounded", type, DType.F32);
  }

  private PipelineFolder copy(String name, DType rounded, DType stored) throws IOException {
    return copy(name, rounded, stored, shape -> true);
  }

  /**
   * A copy of the pipeline.
   *
   * @param rounded what its weights are rounded to
   * @param stored what they are stored as
   * @param which weights of what shape; others stay as they are
   */
  private PipelineFolder copy(String name, DType rounded, DType stored, Predicate<long[]> which)
      throws IOException {
    Path source = Golden.path(MODEL);
    Path target = folder.resolve(name);
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = target.resolve(source.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        if (Files.exists(copy) || file.startsWith(source.resolve("expected"))) {
          continue;
        }
        if (file.toString().endsWith(".safetensors")) {
          write(SafetensorsFile.open(file), copy, rounded, stored, which);
        } else {
          Files.copy(file, copy);
        }
      }
    }
    return new PipelineFolder(target, 0, ModelTypes.DEFAULT);
  }

  private static void write(
      SafetensorsFile source, Path target, DType rounded, DType stored, Predicate<long[]> which) {
    SafetensorsWriter writer = new SafetensorsWriter();
    for (String name : source.names()) {
      long[] shape = source.info(name).shape();
      if (!source.info(name).dtype().equals("F32") || !which.test(shape)) {
        writer.add(name, DType.valueOf(source.info(name).dtype()), shape, source.bytes(name));
        continue;
      }
      float[] values = source.floats(name);
      ByteBuffer bytes =
          ByteBuffer.allocate(values.length * stored.bytes()).order(ByteOrder.LITTLE_ENDIAN);
      for (float value : values) {
        short bits =
            rounded == DType.BF16 ? Bfloat16.bits(Bfloat16.round(value)) : DType.floatToHalf(value);
        if (stored == DType.F32) {
          bytes.putFloat(rounded == DType.BF16 ? Bfloat16.of(bits) : DType.halfToFloat(bits));
        } else {
          bytes.putShort(bits);
        }
      }
      writer.add(name, stored, shape, bytes.flip());
    }
    writer.write(target);
    assertEquals(source.names(), SafetensorsFile.open(target).names());
  }
}
