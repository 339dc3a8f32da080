package io.atelier.actors.run.picture;

import io.atelier.actors.report.RankedImages;
import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.Fence;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.metrics.EventFile;
import io.atelier.models.vision.Images;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Writes grids of the images of a step with the highest and the lowest rewards. */
public final class RankedPictures {
  private final RunFiles files;
  private final EventFile events;
  private final Fence fence;

  public RankedPictures(RunFiles files, EventFile events, Fence fence) {
    this.files = files;
    this.events = events;
    this.fence = fence;
  }

  public void write(RankedImages images) {
    write(files.highest(images.step()), "reward/highest", images.step(), images.highest());
    write(files.lowest(images.step()), "reward/lowest", images.step(), images.lowest());
  }

  private void write(Path file, String tag, int step, List<RankedImages.Ranked> ranked) {
    if (ranked.isEmpty()) {
      return; // all images of each prompt got the same reward
    }
    ImageGrid grid =
        ImageGrid.within(
            Images.concat(ranked.stream().map(RankedImages.Ranked::image).toArray(Images[]::new)),
            ranked.stream()
                .map(r -> String.format(Locale.ROOT, "%.3g %s", r.reward(), r.prompt().text()))
                .toList(),
            ImageGrid.SIDE);
    byte[] png = grid.png();
    Durable.replace(file, png, fence);
    events.image(step, tag, grid.height(), grid.width(), png);
  }
}
