package io.atelier.actors.config.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.reward.adversarial.CriticTrigger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamedSectionsTest {

  @TempDir Path folder;

  private static AdversarialConfig critic(TrainConfig config, String name) {
    return config.reward().adversarial().stream()
        .filter(part -> part.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldTakeFromTheFirstWhatACriticLeavesOut() {
    TrainConfig config =
        TrainConfig.load(
            "dev",
            "reward.adversarial.hidden=64",
            "critic.head-steps=7",
            "reward.critics.low.weight=0.25",
            "reward.critics.low.maps=[low]",
            "reward.critics.low.critic.every=3",
            "reward.critics.low.critic.trigger=generated-above");
    AdversarialConfig first = critic(config, "adversarial");
    AdversarialConfig low = critic(config, "low");
    assertEquals(List.of("low", "mid"), first.discriminator().maps());
    assertEquals(List.of("low"), low.discriminator().maps());
    assertEquals(0.25, low.weight());
    assertEquals(64, low.discriminator().hidden());
    assertEquals(first.encoder(), low.encoder());
    assertEquals(7, low.critic().headSteps());
    assertEquals(3, low.critic().every());
    assertEquals(Optional.of(CriticTrigger.GENERATED_ABOVE), low.critic().trigger());
    assertEquals(1, first.critic().every());
    assertEquals(Optional.empty(), first.critic().trigger());
    assertEquals("reward.critics.low", low.section());
    assertEquals("reward.critics.low.critic", low.criticSection());
  }

  @Test
  void shouldTakeFromTheFirstWhatIsChangedLater() {
    TrainConfig before = TrainConfig.load("dev", "reward.critics.a.critic.places=3");
    String[] later = {"critic.head-steps=7", "critic.places=5", "reward.adversarial.hidden=64"};
    AdversarialConfig changed = critic(before.with(later), "a");
    assertEquals(7, changed.critic().headSteps());
    assertEquals(3, changed.critic().places());
    assertEquals(64, changed.discriminator().hidden());
  }

  /** What a run folder holds is whole, and its text is read as it was written. */
  @Test
  void shouldBeReadBackFromARunFolder() throws IOException {
    TrainConfig config =
        TrainConfig.load("dev", "reward.critics.b.hidden=8", "reward.critics.a.weight=2");
    Path file = folder.resolve("config.conf");
    Files.writeString(file, config.render());
    TrainConfig again = TrainConfig.read(file, List.of());
    assertEquals(config.reward(), again.reward());
    assertEquals(
        List.of("adversarial", "a", "b"),
        again.reward().adversarial().stream().map(AdversarialConfig::name).toList());
    assertEquals(config.deciding(), again.deciding());
    String comment = "# Width of the head's hidden layer.";
    String text = config.render();
    assertEquals(text.indexOf(comment), text.lastIndexOf(comment), "comments come once");
  }

  /** What lies at a place is told by its content. */
  @Test
  void shouldKnowTheEncoderOfACriticAsAPlace() throws IOException {
    Path encoder = Files.writeString(folder.resolve("encoder.onnx"), "none");
    String key = "reward.critics.a.encoder";
    TrainConfig config = TrainConfig.load("dev", key + "=" + encoder);
    assertEquals("a file or folder", config.deciding().get(key));
    assertTrue(TrainConfig.changeable(key));
    assertFalse(TrainConfig.changeable("reward.critics.a.hidden"));
    assertEquals(
        "efficientnet-lite0",
        TrainConfig.load("dev", "reward.critics.a.weight=1").deciding().get(key));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "reward.critics.a.hiden=3 | unknown key reward.critics.a.hiden | did you mean reward.critics.a.hidden?",
        "reward.critics.a.critic.place=3 | unknown key reward.critics.a.critic.place | did you mean reward.critics.a.critic.places?",
        "reward.critics.a.critic.critic.places=3 | unknown key reward.critics.a.critic.critic.places | did you mean",
        "reward.critics.Big.hidden=3 | \"Big\" is no name for a critic | lower-case letters",
        "reward.critics.jpeg.hidden=3 | reward.critics.jpeg has the name of another part | give it another",
        "reward.critics.total.hidden=3 | reward.critics.total has the name | or of their sum; give it another (set by the command line)",
        "reward.critics.zero-variance.hidden=3 | reward.critics.zero-variance has the name | give it another",
        "reward.critics.adversarial.hidden=3 | reward.critics.adversarial has the name | give it another",
        "reward.critics.ocr.hidden=3 | reward.critics.ocr has the name of another part | give it another",
        "reward.critics.hpsv2.hidden=3 | reward.critics.hpsv2 has the name of another part | give it another",
        "reward.critics.a.hidden=many | reward.critics.a.hidden = \"many\" must be a whole number | command line",
        "reward.critics.a.weight=-1 | reward.critics.a.weight is -1.0, must not be negative | command line",
        "reward.critics.a.critic.every=0 | reward.critics.a.critic.every 0 must be at least 1 | command line",
        "reward.critics.a.kind=pickscore | reward.critics.a.encoder is efficientnet-lite0 | must name the folder of a CLIP",
        "reward.critics.a=3 | reward.critics.a is a section | blur, critic, encoder",
        "reward.critics=3 | reward.critics is a section | NAME.weight and others, NAME being that of a critic",
        "reward.critic.a.hidden=3 | unknown key reward.critic.a.hidden | did you mean reward.critics.a.hidden?",
        "critics.a.critic.every=3 | unknown key critics.a.critic.every | did you mean reward.critics.a.critic.every?",
      })
  void shouldNameWhatIsWrong(String key, String begin, String end) {
    String told =
        assertThrows(InvalidConfigException.class, () -> TrainConfig.load("dev", key)).getMessage();
    assertTrue(told.contains(begin) && told.contains(end), told);
  }

  @ParameterizedTest
  @ValueSource(strings = {"model", "group-size", "head-step", "critic.group-size", "critic.x"})
  void shouldSuggestAKeyThatACriticHas(String wrong) {
    String told =
        assertThrows(
                InvalidConfigException.class,
                () -> TrainConfig.load("dev", "reward.critics.a." + wrong + "=3"))
            .getMessage();
    String suggested = told.replaceFirst(".*did you mean (.*)\\?", "$1");
    assertTrue(
        TrainConfig.load("dev", "reward.critics.a.weight=1").tree().hasPath(suggested), told);
  }
}
