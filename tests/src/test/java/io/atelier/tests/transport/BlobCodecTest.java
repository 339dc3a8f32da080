package io.atelier.tests.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.codec.Blobs;
import io.atelier.actors.codec.DrawnGroup;
import io.atelier.actors.codec.NamedTensorsCodec;
import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.report.GroupPictures;
import io.atelier.actors.transport.Codec;
import io.atelier.actors.transport.MalformedException;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.vision.Images;
import io.atelier.reward.GroupFeatures;
import io.atelier.reward.PlaceLogits;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.PromptEmbeddings;
import io.atelier.rollout.Trajectory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class BlobCodecTest {
  private static final GroupId ID = new GroupId(3, 5);
  private static final Prompt PROMPT = new Prompt(7, "a fox – ein Fuchs – 狐");
  private static final ImageGroup IMAGES =
      new ImageGroup(
          ID, PROMPT, new Images(2, 3, 4, Bytes.random(2 * 3 * 4 * 3, 1)), 41, "hash of 41");
  private static final Images SHARED = new Images(1, 3, 4, Bytes.random(3 * 4 * 3, 2));
  private static final DrawnGroup DRAWN = new DrawnGroup(IMAGES, List.of(SHARED, IMAGES.images()));
  private static final Trajectory TRAJECTORY =
      new Trajectory(
          new int[] {1, 2},
          new int[] {1, 1, 2},
          new float[] {1, -0f, Float.NaN, Float.MIN_VALUE, 5, 6},
          new float[0],
          new float[] {-1, -2},
          new PromptEmbeddings(
              2, 1, 3, new float[] {1, -0f, 2, Float.MAX_VALUE}, new float[] {4, 5}));

  /** The same, but its latents all are a bfloat16. */
  private static final Trajectory ROUNDED =
      new Trajectory(
          TRAJECTORY.stepIndex(),
          TRAJECTORY.latentShape(),
          new float[] {1, -0f, Float.NaN, -0x1.4p-130f, 0x1.fep127f, Float.NEGATIVE_INFINITY},
          new float[0],
          TRAJECTORY.logProb(),
          TRAJECTORY.prompt());

  /** Of a group of which no step is trained. */
  private static final Trajectory CLEAN =
      Trajectory.ofClean(new int[] {1, 1, 2}, new float[] {1, -0f, Float.MIN_VALUE, 5})
          .withPrompt(TRAJECTORY.prompt());

  private static final NamedTensors TENSORS =
      new NamedTensors(
          Map.of(
              "a",
              new NamedTensors.Tensor(new long[] {2, 2}, new float[] {1, 2, 3, 4}),
              "b.scalar",
              new NamedTensors.Tensor(new long[0], new float[] {9}),
              "c.none",
              new NamedTensors.Tensor(new long[] {0, 5}, new float[0])));
  private static final GroupPictures PICTURES =
      new GroupPictures(
          16,
          24,
          List.of(new byte[] {-1, 0, 7}, new byte[0]),
          new TreeMap<>(
              Map.of(
                  "adversarial",
                  new TreeMap<>(
                      Map.of("low", new PlaceLogits(1, 2, new float[] {1, Float.NaN, -0f, 4}))),
                  "other",
                  new TreeMap<>())));
  private static final EvaluationReport EVALUATION =
      new EvaluationReport(
          40,
          "hash of 40",
          new EvaluationReport.Result(
              new TreeMap<>(Map.of("kid", -0.0, "share", 1 / 3.0)),
              IMAGES.images(),
              List.of(PROMPT, new Prompt(0, ""))),
          12.25);
  private static final NamedTensorsCodec WEIGHTS = new NamedTensorsCodec();

  private static <T> byte[] bytes(Codec<T> codec, T value) {
    ByteBuffer buffer =
        ByteBuffer.allocate((int) codec.length(value)).order(ByteOrder.LITTLE_ENDIAN);
    codec.encode(value, buffer);
    assertEquals(0, buffer.remaining(), "as many bytes as it said");
    return buffer.array();
  }

  private static <T> T decode(Codec<T> codec, byte[] bytes) {
    return codec.decode(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
  }

  private static <T> T again(Codec<T> codec, T value) {
    return decode(codec, bytes(codec, value));
  }

  @Test
  void shouldKeepEveryBitOfImages() {
    DrawnGroup drawn = again(Blobs.IMAGES.codec(), DRAWN);
    assertEquals(2, drawn.completions().size());
    assertEquals(1, drawn.completions().get(0).count());
    assertArrayEquals(SHARED.rgb(), drawn.completions().get(0).rgb());
    assertEquals(2, drawn.completions().get(1).count());
    ImageGroup read = drawn.group();
    assertEquals(ID, read.id());
    assertEquals(PROMPT, read.prompt());
    assertEquals(41, read.policyVersion());
    assertEquals("hash of 41", read.policyHash());
    assertEquals(3, read.images().height());
    assertArrayEquals(IMAGES.images().rgb(), read.images().rgb());
  }

  @Test
  void shouldKeepEveryBitOfPictures() {
    GroupPictures read = again(Blobs.PICTURES.codec(), PICTURES);
    assertEquals(24, read.width());
    assertEquals(16, read.height());
    assertEquals(2, read.jpegs().size());
    assertArrayEquals(new byte[] {-1, 0, 7}, read.jpegs().get(0));
    assertArrayEquals(new byte[0], read.jpegs().get(1));
    assertEquals(Set.of("adversarial", "other"), read.places().keySet());
    PlaceLogits logits = read.places().get("adversarial").get("low");
    assertEquals(1, logits.rows());
    assertEquals(2, logits.columns());
    assertArrayEquals(new float[] {1, Float.NaN, -0f, 4}, logits.values());
    refuseOtherLengths(Blobs.PICTURES.codec(), PICTURES);
    byte[] bytes = bytes(Blobs.PICTURES.codec(), PICTURES);
    int rows = indexOf(bytes, "low") + 3;
    bytes[rows] = 3; // of 1 row
    assertThrows(MalformedException.class, () -> decode(Blobs.PICTURES.codec(), bytes));
  }

  private static int indexOf(byte[] bytes, String text) {
    return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
  }

  @Test
  void shouldKeepEveryBitOfATrajectory() {
    for (Trajectory trajectory : List.of(TRAJECTORY, ROUNDED, CLEAN)) {
      Trajectory read = again(Blobs.TRAJECTORY.codec(), trajectory);
      assertArrayEquals(trajectory.stepIndex(), read.stepIndex());
      assertArrayEquals(trajectory.latentShape(), read.latentShape());
      assertArrayEquals(trajectory.latents(), read.latents());
      assertArrayEquals(trajectory.mean(), read.mean());
      assertArrayEquals(trajectory.logProb(), read.logProb());
    }
    assertEquals(
        6 * Short.BYTES,
        Blobs.TRAJECTORY.codec().length(TRAJECTORY) - Blobs.TRAJECTORY.codec().length(ROUNDED));
  }

  @Test
  void shouldKeepEveryBitOfFeaturesAndWeights() {
    GroupFeatures read = again(Blobs.FEATURES.codec(), new GroupFeatures(ID, PROMPT, TENSORS));
    assertEquals(PROMPT, read.prompt());
    assertEquals(TENSORS.contentHash(), read.features().contentHash());
    assertEquals(TENSORS.contentHash(), WEIGHTS.hash(again(WEIGHTS, TENSORS)));
  }

  @Test
  void shouldKeepEveryBitOfAnEvaluation() {
    EvaluationReport read = again(Blobs.EVALUATION.codec(), EVALUATION);
    assertEquals(40, read.step());
    assertEquals("hash of 40", read.policyHash());
    assertEquals(12.25, read.seconds());
    assertEquals(EVALUATION.result().metrics(), read.result().metrics());
    assertEquals(EVALUATION.result().prompts(), read.result().prompts());
    assertEquals(3, read.result().images().height());
    assertArrayEquals(IMAGES.images().rgb(), read.result().images().rgb());
  }

  @Test
  void shouldRefuseEveryTruncationAndEveryByteMore() {
    refuseOtherLengths(Blobs.IMAGES.codec(), DRAWN);
    refuseOtherLengths(Blobs.IMAGES.codec(), new DrawnGroup(IMAGES, List.of()));
    refuseOtherLengths(Blobs.TRAJECTORY.codec(), TRAJECTORY);
    refuseOtherLengths(Blobs.TRAJECTORY.codec(), ROUNDED);
    refuseOtherLengths(Blobs.TRAJECTORY.codec(), CLEAN);
    refuseOtherLengths(Blobs.FEATURES.codec(), new GroupFeatures(ID, PROMPT, TENSORS));
    refuseOtherLengths(WEIGHTS, TENSORS);
    refuseOtherLengths(Blobs.EVALUATION.codec(), EVALUATION);
  }

  private static <T> void refuseOtherLengths(Codec<T> codec, T value) {
    byte[] bytes = bytes(codec, value);
    for (int length = 0; length < bytes.length; length++) {
      byte[] part = Arrays.copyOf(bytes, length);
      assertThrows(MalformedException.class, () -> decode(codec, part));
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    MalformedException left = assertThrows(MalformedException.class, () -> decode(codec, longer));
    assertTrue(left.getMessage().contains("left over"), left::getMessage);
  }

  @Test
  void shouldNameAFormatItDoesNotKnow() {
    byte[] bytes = bytes(Blobs.TRAJECTORY.codec(), TRAJECTORY);
    bytes[0] = 9;
    MalformedException unknown =
        assertThrows(MalformedException.class, () -> decode(Blobs.TRAJECTORY.codec(), bytes));
    assertEquals(
        "malformed trajectory: format 9 is unknown, only 4 is known", unknown.getMessage());
  }

  @Test
  void shouldRefuseCompletionsThatAreNotOfTheGroup() {
    for (Images wrong :
        List.of(
            new Images(3, 3, 4, new byte[3 * 36]),
            new Images(1, 4, 3, new byte[36]),
            new Images(2, 3, 3, new byte[54]))) {
      byte[] bytes = bytes(Blobs.IMAGES.codec(), new DrawnGroup(IMAGES, List.of(wrong)));
      var error = assertThrows(MalformedException.class, () -> decode(Blobs.IMAGES.codec(), bytes));
      assertTrue(error.getMessage().contains("of a group with 2 of 3 x 4"), error.getMessage());
    }
  }

  @Test
  void shouldRefuseATrajectoryWhosePartsDoNotFit() {
    Trajectory t = TRAJECTORY;
    for (Trajectory wrong :
        List.of(
            with(new int[] {1, 3}, t.latents(), t.mean(), t.logProb()),
            with(t.stepIndex(), new float[5], t.mean(), t.logProb()),
            with(t.stepIndex(), t.latents(), new float[2], t.logProb()),
            with(t.stepIndex(), t.latents(), t.mean(), new float[3]),
            with(t.stepIndex(), t.latents(), t.mean(), new float[6]), // of three samples
            with(new int[0], new float[5], t.mean(), new float[0]),
            with(new int[0], new float[0], t.mean(), new float[0]),
            with(new int[0], t.latents(), t.mean(), new float[1]),
            with(new int[0], t.latents(), new float[6], new float[0]),
            shaped(new int[] {1, 2}),
            shaped(new int[] {1, 0, 2}),
            shaped(new int[] {-1, -1, 2}),
            shaped(new int[] {Integer.MAX_VALUE, 2, Integer.MAX_VALUE}))) {
      byte[] bytes = bytes(Blobs.TRAJECTORY.codec(), wrong);
      assertThrows(MalformedException.class, () -> decode(Blobs.TRAJECTORY.codec(), bytes));
    }
  }

  private static Trajectory shaped(int[] latentShape) {
    Trajectory t = TRAJECTORY;
    return new Trajectory(
        t.stepIndex(), latentShape, t.latents(), t.mean(), t.logProb(), t.prompt());
  }

  private static Trajectory with(int[] steps, float[] latents, float[] mean, float[] logProb) {
    return new Trajectory(
        steps, TRAJECTORY.latentShape(), latents, mean, logProb, TRAJECTORY.prompt());
  }

  @Test
  void shouldDecodeOrRefuseWhateverComes() {
    SplittableRandom random = new SplittableRandom(3);
    survive(Blobs.IMAGES.codec(), DRAWN, random);
    survive(Blobs.TRAJECTORY.codec(), TRAJECTORY, random);
    survive(Blobs.TRAJECTORY.codec(), ROUNDED, random);
    survive(Blobs.TRAJECTORY.codec(), CLEAN, random);
    survive(Blobs.PICTURES.codec(), PICTURES, random);
    survive(Blobs.FEATURES.codec(), new GroupFeatures(ID, PROMPT, TENSORS), random);
    survive(WEIGHTS, TENSORS, random);
    survive(Blobs.EVALUATION.codec(), EVALUATION, random);
  }

  /** A length that is made up must be refused before memory is taken for it. */
  private static <T> void survive(Codec<T> codec, T value, SplittableRandom random) {
    byte[] good = bytes(codec, value);
    int refused = 0;
    for (int i = 0; i < 25_000; i++) {
      byte[] mutant = good.clone();
      for (int j = random.nextInt(3); j >= 0; j--) {
        mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
      }
      try {
        decode(codec, mutant);
      } catch (MalformedException e) {
        refused++;
      }
    }
    assertTrue(refused > 1_000, "refused " + refused);
  }
}
