package io.atelier.actors.api;

import io.atelier.actors.config.AdversarialConfig;
import io.atelier.actors.config.AdversarialKind;
import io.atelier.actors.config.EncoderChoice;
import io.atelier.actors.config.TrainConfig;
import io.atelier.models.encoder.Encoders;
import io.atelier.models.encoder.VitEncoder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The encoders of a run's critics. Those that choose alike have the same, and share its pass. */
final class CriticEncoders {

  private final TrainConfig config;
  private final Map<EncoderChoice, Encoders.Found> found = new HashMap<>();

  CriticEncoders(TrainConfig config) {
    this.config = config;
  }

  /** What a critic looks through. */
  Encoders.Found of(AdversarialConfig part) {
    EncoderChoice choice = part.encoder();
    if (!found.containsKey(choice)) {
      found.put(
          choice, Assembly.encoder(part.section(), choice, config.run().threads(), blocks(choice)));
    }
    return found.get(choice);
  }

  /** Blocks of a Vision Transformer that any of those looks at who share it. */
  private List<Integer> blocks(EncoderChoice choice) {
    TreeSet<String> outputs = new TreeSet<>();
    config.reward().learned().stream()
        .filter(part -> part.kind() == AdversarialKind.DISCRIMINATOR)
        .filter(part -> part.encoder().equals(choice))
        .forEach(part -> outputs.addAll(part.discriminator().outputs()));
    return VitEncoder.blocks(outputs);
  }
}
