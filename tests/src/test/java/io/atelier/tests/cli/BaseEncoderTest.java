package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.assets.EmbeddedModel;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.Mmdit;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.Trained;
import io.atelier.models.sd3.TrainedPart;
import io.atelier.models.sd3.WholeNetwork;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.Encoder.Feature;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.Images;
import io.atelier.rollout.sampler.BaseEncoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The velocity network as what a critic looks through. */
@Timeout(300)
class BaseEncoderTest {

  private static final List<String> MAPS = List.of("low", "mid");

  @TempDir Path folder;

  private static Images noise(int count, int side) {
    byte[] rgb = new byte[Images.bytes(count, side, side)];
    new SplittableRandom(5).nextBytes(rgb);
    return new Images(count, side, side, rgb);
  }

  private static Encoder open(PipelineFolder pipeline) {
    EncoderConfig other = EncoderConfig.DEFAULT;
    return new BaseEncoder(
        pipeline, new EncoderConfig(64, other.filter(), 1, other.batch(), List.of()), 128);
  }

  private static Map<String, Feature> encoded(PipelineFolder pipeline) {
    try (Encoder encoder = open(pipeline)) {
      return encoder.encode(noise(2, 64));
    }
  }

  private static void assertSame(
      Map<String, Feature> expected, Map<String, Feature> actual, String name) {
    assertArrayEquals(expected.get(name).values(), actual.get(name).values(), name);
  }

  private static boolean differ(Map<String, Feature> one, Map<String, Feature> other, String name) {
    return !Arrays.equals(one.get(name).values(), other.get(name).values());
  }

  @Test
  void shouldGiveTheSameOfAnImageHoweverOftenAndBesideWhichever() {
    PipelineFolder pipeline = new PipelineFolder(EmbeddedModel.emoji64());
    Map<String, Feature> once = encoded(pipeline);
    try (Encoder encoder = open(pipeline)) {
      assertEquals(List.of("pool"), encoder.vectors());
      assertEquals(MAPS, encoder.maps());
      assertEquals("base@64", encoder.id());
      Map<String, Feature> again = encoder.encode(noise(2, 64));
      Map<String, Feature> alone = encoder.encode(noise(2, 64).get(1));
      for (String map : MAPS) {
        assertArrayEquals(new long[] {2, 192, 4, 4}, once.get(map).shape());
        assertSame(once, again, map);
        float[] both = once.get(map).values();
        assertArrayEquals(
            Arrays.copyOfRange(both, both.length / 2, both.length), alone.get(map).values());
      }
      assertArrayEquals(new long[] {2, 192}, once.get("pool").shape());
      assertSame(once, again, "pool");
      double sum = 0; // of the last image's last channel
      for (int place = 0; place < 16; place++) {
        sum += once.get("mid").values()[(2 * 192 - 1) * 16 + place];
      }
      assertEquals(sum / 16, once.get("pool").values()[2 * 192 - 1], 1e-5);
      // Of another size they are brought to the one that is set.
      assertArrayEquals(new long[] {1, 192, 4, 4}, encoder.encode(noise(1, 32)).get("low").shape());
    }
  }

  /** Of the three blocks of the tiny network the first two are looked behind. */
  @Test
  void shouldLookBehindAThirdAndTwoThirdsOfTheBlocks() throws IOException {
    Map<String, Feature> before = encoded(new PipelineFolder(TinyPipeline.path()));
    assertArrayEquals(new long[] {2, 32, 4, 4}, before.get("mid").shape());
    List<Map<String, Feature>> after = new ArrayList<>();
    for (int block = 0; block < 3; block++) {
      String name = "transformer_blocks." + block + ".ff.net.2.bias";
      Path changed =
          TinyPipeline.changed(
              folder.resolve("" + block), weights -> Arrays.fill(weights.get(name).values(), 0.5f));
      after.add(encoded(new PipelineFolder(changed)));
    }
    assertTrue(differ(before, after.get(0), "low") && differ(before, after.get(0), "mid"));
    assertSame(before, after.get(1), "low");
    assertTrue(differ(before, after.get(1), "mid") && differ(before, after.get(1), "pool"));
    for (String output : List.of("low", "mid", "pool")) {
      assertSame(before, after.get(2), output);
    }
  }

  @Test
  void shouldStayTheBaseWhateverIsTrained() {
    PipelineFolder pipeline = new PipelineFolder(TinyPipeline.path());
    MmditConfig network = pipeline.transformerConfig();
    Map<String, Feature> before = encoded(pipeline);
    for (Trained which :
        List.of(
            new AdapterConfig(2, 4, List.of("attn.to_q", "ff.net.2")),
            new WholeNetwork(List.of()),
            new WholeNetwork(List.of("ff.net.2")))) {
      try (NDManager scope = Torch.newScope();
          Encoder open = open(pipeline)) {
        Mmdit trained = pipeline.loadTransformer(scope, which);
        float[] base = velocity(scope, trained);
        TrainedPart part = new TrainedPart(scope, trained, which);
        part.weights().load(random(which.shapes(network)));
        part.merge();
        assertFalse(Arrays.equals(base, velocity(scope, trained)), which + " changes nothing");
        Map<String, Feature> meanwhile = encoded(pipeline);
        for (String output : List.of("low", "mid", "pool")) {
          assertSame(before, meanwhile, output);
          assertSame(before, open.encode(noise(2, 64)), output);
        }
      }
    }
  }

  private static NamedTensors random(Map<String, long[]> shapes) {
    SplittableRandom random = new SplittableRandom(3);
    Map<String, NamedTensors.Tensor> weights = new TreeMap<>();
    shapes.forEach(
        (name, shape) -> {
          float[] values = new float[NamedTensors.elements(shape)];
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
          }
          weights.put(name, new NamedTensors.Tensor(shape, values));
        });
    return new NamedTensors(weights);
  }

  private static float[] velocity(NDManager scope, Mmdit network) {
    return Torch.withGradients(
        false,
        () -> {
          try (NDManager work = scope.newSubManager()) {
            NDArray latents = Host.toNative(work, new float[16 * 64], 1, 16, 8, 8);
            NDArray time = Host.toNative(work, new float[] {300}, 1);
            NDArray text = Host.toNative(work, new float[64], 1, 1, 64);
            NDArray pooled = Host.toNative(work, new float[48], 1, 48);
            return Host.floats(network.forward(latents, time, text, pooled));
          }
        });
  }

  @Test
  void shouldBeWhatACriticLearnsThrough() throws IOException {
    OwnData data = OwnData.write(folder.resolve("data"), EmojiStyle.FLAT);
    List<String> settings = new ArrayList<>(data.settings());
    settings.add("reward.adversarial.encoder=base");
    List<String> plan = new ArrayList<>(List.of("plan"));
    plan.addAll(settings);
    assertTrue(
        Cli.done(plan)
            .out()
            .contains("adversarial: the encoder base, of the model, the images of"));
    Path run = folder.resolve("run");
    List<String> train = new ArrayList<>(List.of("train", "run.dir=" + run));
    train.addAll(settings);
    Cli.done(train);
    Cli.done("verify", run.toString());
    refused(settings, "encoder-pixels is 72, must be a multiple of 16 up to 192", "pixels=72");
    refused(settings, "encoder-pixels is 208, must be a multiple of 16", "pixels=208");
    refused(settings, "encoder-colours is clip, must be own where encoder is base", "colours=clip");
    Cli measure = Cli.run("eval", "--threads", "1", "evaluation.encoder=base");
    assertEquals(2, measure.code());
    String error = String.join("\n", measure.err());
    assertTrue(error.contains("evaluation: encoder is base, a part of the model"), error);
  }

  private static void refused(List<String> settings, String part, String setting) {
    List<String> plan = new ArrayList<>(List.of("plan"));
    plan.addAll(settings);
    plan.add("reward.adversarial.encoder-" + setting);
    Cli result = Cli.run(plan);
    assertEquals(2, result.code(), result.out());
    assertTrue(result.err().get(0).contains(part), result.err().get(0));
  }
}
