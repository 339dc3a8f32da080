package io.atelier.actors.compute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import ai.djl.ndarray.NDManager;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.atelier.models.assets.EmbeddedModel;
import io.atelier.models.assets.EmojiPack;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.files.LongWork;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.OnnxEncoder;
import io.atelier.reward.metrics.HeldOut;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class PassedReferencesTest {

  @TempDir private Path folder;

  @Test
  void shouldTakeFeaturesOfTheImagesThatPassedBefore()
      throws IOException, NoSuchAlgorithmException {
    Images drawn = EmojiPack.load().images(EmojiStyle.NOTO, List.of(3, 5));
    Images other = EmojiPack.load().images(EmojiStyle.FLAT, List.of(7, 9));
    try (NDManager scope = Torch.newScope();
        Encoder encoder = OnnxEncoder.mobileNetV2(EncoderConfig.DEFAULT)) {
      PassedReferences references =
          new PassedReferences(
              new PipelineFolder(EmbeddedModel.emoji64()).loadVae(scope),
              new ReferenceCache(folder, "1"));
      ListAppender<ILoggingEvent> log = new ListAppender<>();
      Logger logger = (Logger) LoggerFactory.getLogger(PassedReferences.class);
      logger.setLevel(Level.INFO);
      logger.addAppender(log);
      log.start();
      Images passed = references.images(drawn, 1).slice(0, 2);
      logger.detachAppender(log);
      assertEquals(
          List.of("2 of 2 references are through the autoencoder"),
          log.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
      assertEquals(List.of(LongWork.SHOWN), log.list.get(0).getMarkerList());
      assertNotEquals(0, difference(drawn, passed));
      assertArrayEquals(
          HeldOut.features(encoder, passed).pool().values(),
          references.keptFeatures(encoder, drawn, 1).pool().values());
      // Other images in the file of those that passed: who passes them again does not see these.
      Files.delete(only("features-"));
      Files.write(only("images-"), hashed(other.rgb()));
      assertArrayEquals(
          HeldOut.features(encoder, other).pool().values(),
          references.keptFeatures(encoder, drawn, 1).pool().values());
    }
  }

  private static int difference(Images a, Images b) {
    int sum = 0;
    for (int i = 0; i < a.rgb().length; i++) {
      sum += Math.abs((a.rgb()[i] & 255) - (b.rgb()[i] & 255));
    }
    return sum;
  }

  private static byte[] hashed(byte[] content) throws IOException, NoSuchAlgorithmException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(MessageDigest.getInstance("SHA-256").digest(content));
    out.write(content);
    return out.toByteArray();
  }

  private Path only(String beginning) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found =
          files.filter(file -> file.getFileName().toString().startsWith(beginning)).toList();
      assertEquals(1, found.size(), found::toString);
      return found.get(0);
    }
  }
}
