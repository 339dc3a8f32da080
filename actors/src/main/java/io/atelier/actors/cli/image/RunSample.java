package io.atelier.actors.cli.image;

import io.atelier.actors.api.assembly.Assembly;
import io.atelier.actors.cli.option.EngineOptions;
import io.atelier.actors.cli.option.LoadedModel;
import io.atelier.actors.cli.option.TrainedWeights;
import io.atelier.actors.compute.Captions;
import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.compute.HeldOutEvaluation;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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
    if (!Files.isWritable(run)) {
      throw new RunFolderException(
          "%s cannot be written to, so no image can be kept there".formatted(run));
    }
    TrainConfig config = TrainedWeights.config(checkpoint);
    engine.take(config.placement().evaluation());
    TrainedWeights weights = TrainedWeights.of(checkpoint, config, false);
    int step = Checkpoint.verify(checkpoint);
    String model = config.model().path();
    PipelineFolder folder = Assembly.model(model, engine.types());
    Captions.check(folder, List.of(new Prompt(0, prompt)), ComputeFactory.T5_LENGTH, TooLong.FAIL);
    ImageSampler.Settings settings =
        new ImageSampler.Settings(
            1,
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
            Stream.concat(
                    written(run, kept + "/base-%d.png", base, true),
                    written(run, kept + "/now-%d.png", now, false))
                .toList());
    PeopleFiles.append(run, PeopleFiles.SAMPLES, sample);
    return sample;
  }

  /** As many at a time as an evaluation draws. */
  private static Images images(
      LoadedModel loaded, long seed, String prompt, ImageSampler.Settings settings) {
    return loaded
        .sampler()
        .drawAll(
            new GroupNoise(seed),
            IntStream.range(0, COUNT).mapToObj(i -> new GroupId(0, i)).toList(),
            Collections.nCopies(COUNT, prompt),
            HeldOutEvaluation.together(1, settings.height(), settings.width()),
            settings);
  }

  private static Stream<Sample.Image> written(
      Path run, String pattern, Images images, boolean base) {
    List<String> names =
        IntStream.range(0, images.count()).mapToObj(i -> pattern.formatted(i)).toList();
    for (int i = 0; i < images.count(); i++) {
      Pictures.write(images, i, run.resolve(names.get(i)));
    }
    return names.stream().map(name -> new Sample.Image(base, name));
  }
}
