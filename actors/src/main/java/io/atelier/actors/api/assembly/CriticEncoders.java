package io.atelier.actors.api.assembly;

import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.AdversarialConfig;
import io.atelier.actors.config.reward.AdversarialKind;
import io.atelier.actors.config.section.EncoderChoice;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.models.encoder.Encoders;
import io.atelier.models.encoder.VitEncoder;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.VaeConfig;
import io.atelier.models.sd3.VaeEncoder;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.rollout.sampler.BaseEncoder;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The encoders of a run's critics. Critics with the same choice share one encoder and its pass. */
final class CriticEncoders {

  private final TrainConfig config;
  private final PipelineFolder folder;
  private final Map<EncoderChoice, Encoders.Found> found = new HashMap<>();

  /**
   * @param folder the model, parts of which may serve as encoders
   */
  CriticEncoders(TrainConfig config, PipelineFolder folder) {
    this.config = config;
    this.folder = folder;
  }

  /** The encoder of a critic. */
  Encoders.Found of(AdversarialConfig part) {
    EncoderChoice choice = part.encoder();
    if (!found.containsKey(choice)) {
      found.put(
          choice,
          Encoders.isOfModel(choice.name())
              ? ofModel(part.section(), choice)
              : Assembly.encoder(part.section(), choice, config.run().threads(), blocks(choice)));
    }
    return found.get(choice);
  }

  private Encoders.Found ofModel(String section, EncoderChoice choice) {
    if (choice.colours() != Encoders.Colours.OWN) {
      throw new InvalidConfigException(
          "%s.encoder-colours is %s, must be own where encoder is %s"
              .formatted(section, choice.colours().name().toLowerCase(Locale.ROOT), choice.name()));
    }
    EncoderConfig settings =
        new EncoderConfig(
            choice.pixels(),
            EncoderConfig.DEFAULT.filter(),
            config.run().threads(),
            EncoderConfig.DEFAULT.batch(),
            List.of());
    return choice.name().equals(Encoders.VAE)
        ? autoencoder(section, settings)
        : base(section, settings);
  }

  private Encoders.Found autoencoder(String section, EncoderConfig settings) {
    VaeConfig vae = folder.vaeConfig();
    Assembly.checked(section, () -> VaeEncoder.requireWhole(vae, settings.pixels()));
    return new Encoders.Found(
        List.of(),
        List.of(VaeEncoder.LATENTS),
        () -> Map.of(VaeEncoder.LATENTS, vae.latentChannels()),
        Set.of(Encoders.VAE),
        () -> new VaeEncoder(folder, settings));
  }

  private Encoders.Found base(String section, EncoderConfig settings) {
    MmditConfig network = folder.transformerConfig();
    Assembly.checked(
        section, () -> BaseEncoder.requireFits(network, folder.vaeConfig(), settings.pixels()));
    Map<String, Integer> channels = new HashMap<>();
    List.of(BaseEncoder.POOL, BaseEncoder.LOW, BaseEncoder.MID)
        .forEach(output -> channels.put(output, network.width()));
    return new Encoders.Found(
        List.of(BaseEncoder.POOL),
        List.of(BaseEncoder.LOW, BaseEncoder.MID),
        () -> channels,
        Set.of(Encoders.BASE),
        () -> new BaseEncoder(folder, settings, ComputeFactory.T5_LENGTH));
  }

  /** Blocks of a Vision Transformer that any of the critics that share it sees. */
  private List<Integer> blocks(EncoderChoice choice) {
    TreeSet<String> outputs = new TreeSet<>();
    config.reward().learned().stream()
        .filter(part -> part.kind() == AdversarialKind.DISCRIMINATOR)
        .filter(part -> part.encoder().equals(choice))
        .forEach(part -> outputs.addAll(part.discriminator().outputs()));
    return VitEncoder.blocks(outputs);
  }
}
