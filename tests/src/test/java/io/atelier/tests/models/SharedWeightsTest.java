package io.atelier.tests.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDManager;
import io.atelier.models.encoder.ClipFolder;
import io.atelier.models.encoder.VisionTransformer;
import io.atelier.models.encoder.VitFile;
import io.atelier.models.safetensors.TensorSource;
import io.atelier.models.sd3.Mmdit;
import io.atelier.models.sd3.ModelTypes;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.Vae;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.Torch;
import io.atelier.tests.golden.Golden;
import io.atelier.tests.golden.GoldenClip;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharedWeightsTest {

  private static final String WEIGHTS = "vae/diffusion_pytorch_model.safetensors";

  @TempDir Path temporary;

  private PipelineFolder folder(String model) {
    return PipelineCopy.of(model, temporary.resolve(model)).folder();
  }

  private static float[] decoded(Vae vae) {
    try (NDManager work = Torch.newScope()) {
      return Host.floats(vae.decode(Host.toNative(work, new float[16 * 4], 1, 16, 2, 2)));
    }
  }

  @Test
  void shouldHoldAPartOnceForAllThatLoadIt() {
    Torch.enter(false);
    PipelineFolder folder = folder("sd35-tiny");
    try (NDManager first = Torch.newScope();
        NDManager second = Torch.newScope()) {
      Mmdit one = folder.loadTransformer(first);
      Mmdit other = new PipelineFolder(folder.root()).loadTransformer(second);
      assertSame(one.weights(), other.weights());
      assertNotSame(one, other, "an adapter is put into one network and not into the other");
      assertSame(folder.loadVae(first).weights(), folder.loadVae(second).weights());
    }
  }

  /** A reward worker and the critic of a process see by one encoder. */
  @Test
  void shouldHoldAnEncoderOnceForAllSizesOfImages() {
    Torch.enter(false);
    Path siglip = Golden.path("siglip");
    try (NDManager first = Torch.newScope();
        NDManager second = Torch.newScope()) {
      VisionTransformer one = VitFile.open(siglip).load(first, 16);
      assertSame(one.weights(), VitFile.open(siglip).load(second, 24).weights());
      assertNotSame(
          one.weights(),
          VitFile.open(Golden.path("dinov3", "transformers")).load(second, 16).weights());
    }
  }

  @Test
  void shouldHoldBothSidesOfAClipOnce() throws IOException {
    Torch.enter(false);
    Path clip = GoldenClip.write(temporary.resolve("clip"), "open_clip");
    ClipFolder one = ClipFolder.open(clip);
    ClipFolder other = ClipFolder.open(clip);
    try (NDManager first = Torch.newScope();
        NDManager second = Torch.newScope()) {
      assertSame(one.vision().load(first, 56).weights(), other.vision().load(second, 56).weights());
      assertSame(one.loadText(first).weights(), other.loadText(second).weights());
    }
  }

  @Test
  void shouldKeepWeightsUntilTheLastUserIsGone() {
    Torch.enter(false);
    PipelineFolder folder = folder("sd3-tiny");
    Parameters before;
    try (NDManager last = Torch.newScope()) {
      Vae kept;
      float[] drawn;
      try (NDManager first = Torch.newScope()) {
        drawn = decoded(folder.loadVae(first));
        kept = folder.loadVae(last);
        assertSame(folder.loadVae(first).weights(), kept.weights());
      }
      assertArrayEquals(drawn, decoded(kept));
      before = kept.weights();
    }
    assertThrows(
        IllegalStateException.class,
        () -> before.get("decoder.conv_in.bias").toFloatArray(),
        "the last user freed them");
    try (NDManager next = Torch.newScope()) {
      assertNotSame(before, folder.loadVae(next).weights());
    }
  }

  /** Files of float32 are mapped: beside them there is what was fused, under another name. */
  @ParameterizedTest
  @ValueSource(strings = {"sd3-tiny", "sd35-tiny"})
  void shouldTellHowMuchIsHeldBesideMappedFiles(String model) {
    Torch.enter(false);
    PipelineFolder folder = folder(model);
    try (NDManager scope = Torch.newScope()) {
      Map<String, Parameters> parts =
          Map.of(
              "transformer", folder.loadTransformer(scope).weights(),
              "vae", folder.loadVae(scope).weights(),
              "text_encoder", folder.loadClip(scope, "text_encoder").weights(),
              "text_encoder_2", folder.loadClip(scope, "text_encoder_2").weights(),
              "text_encoder_3", folder.loadT5(scope).weights());
      parts.forEach(
          (part, weights) -> {
            Set<String> stored = TensorSource.open(folder.part(part), base(part)).names();
            long fused =
                weights.arrays().entrySet().stream()
                    .filter(array -> !stored.contains(array.getKey()))
                    .mapToLong(array -> Float.BYTES * array.getValue().size())
                    .sum();
            assertEquals(fused, folder.memoryBytes(part), part);
            assertEquals(part.equals("vae"), fused == 0, part);
          });
    }
  }

  private static String base(String part) {
    return part.startsWith("text") ? "model" : "diffusion_pytorch_model";
  }

  @Test
  void shouldNotShareWhatIsReadInAnotherWayOrHasChanged() {
    Torch.enter(false);
    PipelineCopy copy = PipelineCopy.of("sd3-tiny", temporary.resolve("changed"));
    try (NDManager scope = Torch.newScope()) {
      Parameters first = copy.folder().loadVae(scope).weights();
      PipelineFolder stored = new PipelineFolder(copy.folder().root(), 1, ModelTypes.DEFAULT);
      assertNotSame(first, stored.loadVae(scope).weights());
      copy.tensors(
          WEIGHTS,
          all -> {
            PipelineCopy.Values bias = all.get("decoder.conv_in.bias");
            float[] moved = bias.values().clone();
            moved[0] += 1;
            all.put("decoder.conv_in.bias", new PipelineCopy.Values(bias.shape(), moved));
          });
      Parameters changed = copy.folder().loadVae(scope).weights();
      assertNotSame(first, changed);
    }
  }
}
