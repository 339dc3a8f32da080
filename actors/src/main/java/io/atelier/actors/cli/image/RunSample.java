package io.atelier.actors.cli.image;

import io.atelier.actors.api.assembly.Assembly;
import io.atelier.actors.cli.option.EngineOptions;
import io.atelier.actors.cli.option.LoadedModel;
import io.atelier.actors.cli.option.TrainedWeights;
import io.atelier.actors.compute.Captions;
import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.run.TooLong;
import io.atelier.actors.people.PeopleFiles;
import io.atelier.actors.people.Sample;
import io.atelier.actors.port.Clock;
import io.atelier.actors.run.checkpoint.Checkpoint;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.picture.Pictures;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.vision.Images;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.sampler.ImageSampler;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Draws a prompt with the base and with the newest checkpoint of a run from the same noise, as the
 * run's evaluations draw, and keeps the images in the run folder, where the page shows them.
 */
final class RunSample {

  /** Images by each. */
  private static final int COUNT = 4;

  private RunSample() {}

  /**
   * Reads the run's folder alone: the run may go on meanwhile.
   *
   * @throws RunFolderException if it is no run folder, or has no checkpoint yet
   * @throws IllegalArgumentException if the prompt is longer than the model reads
   */
  static Sample draw(Path run, String prompt, long seed, EngineOptions engine, Clock clock) {
    if (Checkpoint.isCheckpoint(run)) {
      throw new RunFolderException(
          "%s is a checkpoint, in which nothing is kept; name its run folder".formatted(run));
    }
    Path checkpoint = TrainedWeights.newest(run);
    TrainConfig config = TrainedWeights.config(checkpoint);
    TrainedWeights weights = TrainedWeights.of(checkpoint, config, false);
    int step = Checkpoint.verify(checkpoint);
    String model = config.model().path();
    PipelineFolder folder = Assembly.model(model, engine.types());
    Captions.check(folder, List.of(new Prompt(0, prompt)), ComputeFactory.T5_LENGTH, TooLong.FAIL);
    ImageSampler.Settings settings =
        new ImageSampler.Settings(
            COUNT,
            config.rollout().height(),
            config.rollout().width(),
            config.evaluation().steps(),
            config.evaluation().guidance());
    Images base;
    Images now;
    try (LoadedModel loaded =
        new LoadedModel(model, ComputeFactory.T5_LENGTH, Optional.of(weights.part()), engine)) {
      base = images(loaded, seed, prompt, settings);
      loaded.load(weights);
      now = images(loaded, seed, prompt, settings);
    }
    String kept = PeopleFiles.sampleFolder(run);
    Sample sample =
        new Sample(
            clock.epochMillis(),
            step,
            prompt,
            Long.toUnsignedString(seed),
            settings.steps(),
            settings.guidance(),
            settings.width(),
            settings.height(),
            written(run, kept + "/base-%d.png", base),
            written(run, kept + "/now-%d.png", now));
    PeopleFiles.append(run, PeopleFiles.SAMPLES, sample);
    return sample;
  }

  private static Images images(
      LoadedModel loaded, long seed, String prompt, ImageSampler.Settings settings) {
    return loaded
        .sampler()
        .draw(new GroupNoise(seed), new GroupId(0, 0), prompt, settings)
        .images();
  }

  private static List<String> written(Path run, String pattern, Images images) {
    List<String> names =
        IntStream.range(0, images.count()).mapToObj(i -> pattern.formatted(i)).toList();
    for (int i = 0; i < images.count(); i++) {
      Pictures.write(images, i, run.resolve(names.get(i)));
    }
    return names;
  }
}
