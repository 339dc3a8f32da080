package io.atelier.actors.run.picture;

import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.Fence;
import io.atelier.actors.run.file.Json;
import io.atelier.actors.run.file.JsonLines;
import io.atelier.actors.run.file.ReplacedException;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.file.WriteFailedException;
import io.atelier.models.vision.ImageCodecs;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.Resize;
import io.atelier.rollout.Prompt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images of evaluations one by one, {@code images/evaluations/step-000040/00.png}, with {@code
 * shown.jsonl}, which names those of each evaluation; and the own references of their prompts,
 * {@code images/references/00-0.jpg}, with {@code references.jsonl}. Handles one image at a time.
 */
public final class ShownImages {

  private static final Logger LOG = LoggerFactory.getLogger(ShownImages.class);

  /** Most references of a prompt. */
  public static final int REFERENCES = 2;

  /** Most rows and columns of one of these, in pixels. */
  private static final int SIDE = 512;

  private static final float QUALITY = 0.9f;

  private final RunFiles files;
  private final Fence fence;
  private final Function<Prompt, List<Images>> references;

  public ShownImages(RunFiles files, Fence fence, Function<Prompt, List<Images>> references) {
    this.files = files;
    this.fence = fence;
    this.references = references;
  }

  /** Drops the lines of evaluations that {@code keep} rejects. */
  public void drop(IntPredicate keep) {
    lines(keep).close();
  }

  private JsonLines lines(IntPredicate keep) {
    return JsonLines.open(
        files.shown(), line -> keep.test(((Number) line.get("step")).intValue()), fence);
  }

  /** Writes the images of an evaluation, replacing those of an earlier one of the same step. */
  public void write(EvaluationReport report) {
    List<Prompt> prompts = report.result().prompts();
    if (Files.notExists(files.references())) {
      writeReferences(prompts);
    }
    Images images = report.result().images();
    String folder = "evaluations/" + RunFiles.step(report.step());
    List<Map<String, Object>> shown = new ArrayList<>();
    for (int i = 0; i < images.count(); i++) {
      String name = String.format(Locale.ROOT, "%s/%02d.png", folder, i);
      put(name, ImageCodecs.png(ImageCodecs.picture(images, i)));
      Map<String, Object> image = new LinkedHashMap<>();
      image.put("prompt", prompts.get(i).text());
      image.put("file", name);
      image.put("width", images.width());
      image.put("height", images.height());
      shown.add(image);
    }
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", report.step());
    line.put("images", shown);
    try (JsonLines lines = lines(step -> step != report.step())) {
      lines.append(line);
    }
  }

  /** Written once per run. References that can no longer be read do not fail it. */
  private void writeReferences(List<Prompt> prompts) {
    StringBuilder lines = new StringBuilder();
    try {
      for (int i = 0; i < prompts.size(); i++) {
        List<String> names = new ArrayList<>();
        for (Images image : references.apply(prompts.get(i))) {
          String name = String.format(Locale.ROOT, "references/%02d-%d.jpg", i, names.size());
          put(
              name,
              ImageCodecs.jpeg(ImageCodecs.picture(Resize.within(image, SIDE), 0), QUALITY, false));
          names.add(name);
        }
        if (!names.isEmpty()) {
          Map<String, Object> line = new LinkedHashMap<>();
          line.put("prompt", prompts.get(i).text());
          line.put("files", names);
          lines.append(Json.line(line)).append('\n');
        }
      }
    } catch (WriteFailedException | ReplacedException e) {
      throw e;
    } catch (RuntimeException e) {
      LOG.warn("the references are not shown beside the images of evaluations", e);
      return;
    }
    Durable.replace(files.references(), lines.toString().getBytes(StandardCharsets.UTF_8), fence);
  }

  private void put(String name, byte[] picture) {
    Path file = files.images().resolve(name);
    try {
      Files.createDirectories(file.getParent());
    } catch (IOException e) {
      throw new WriteFailedException(file.getParent(), e);
    }
    Durable.replace(file, picture, fence);
  }
}
