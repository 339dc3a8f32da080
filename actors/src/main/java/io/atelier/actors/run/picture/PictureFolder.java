package io.atelier.actors.run.picture;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.atelier.actors.port.PictureSink;
import io.atelier.actors.report.GroupPictures;
import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.Fence;
import io.atelier.actors.run.file.Json;
import io.atelier.actors.run.file.Storage;
import io.atelier.actors.run.file.WriteFailedException;
import io.atelier.actors.run.metrics.StepLines;
import io.atelier.models.files.Sha256;
import io.atelier.reward.PlaceLogits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Pictures of training images in the run folder, as files named by content hash, and {@code
 * index.jsonl} with a line for each that was kept. The last {@value #LATEST} steps are kept, and
 * every {@value #EVERY}th before; when room runs out, the oldest are deleted first. Deleted
 * pictures stay in the index. A file that several steps share counts for the newest.
 */
public final class PictureFolder implements PictureSink {

  /** Last steps of which all pictures are kept. */
  private static final int LATEST = 50;

  /** Of the steps before, those divisible by this are kept. */
  private static final int EVERY = 10;

  private static final Pattern NAME = Pattern.compile("[0-9a-f]{2}/[0-9a-f]{64}\\.jpg");

  private final Path root;
  private final int trained;
  private final long limit;
  private final int whole;
  private final Fence fence;
  private Optional<StepLines> index = Optional.empty();

  /** The newest step of each existing file. */
  private final Map<String, Integer> stepOf = new HashMap<>();

  private final Map<String, Long> bytesOf = new HashMap<>();
  private final TreeMap<Integer, Set<String>> filesOf = new TreeMap<>();
  private long held;

  /**
   * @param trained steps trained so far
   * @param limit bytes that the pictures may take; 0 to write no more
   * @param whole number of groups per step of which all images are kept
   */
  public PictureFolder(Path root, int trained, long limit, int whole, Fence fence) {
    this.root = root;
    this.trained = trained;
    this.limit = limit;
    this.whole = whole;
    this.fence = fence;
  }

  private Path file() {
    return root.resolve("index.jsonl");
  }

  /** Drops the index lines of steps after {@code trained}, and their pictures. */
  @Override
  public void begin() {
    if (limit == 0 && Files.notExists(file())) {
      return;
    }
    try {
      Files.createDirectories(root);
    } catch (IOException e) {
      throw new WriteFailedException(root, e);
    }
    Map<String, Integer> named = new HashMap<>();
    index =
        Optional.of(
            StepLines.open(
                file(), trained, fence, (step, json) -> named.merge(name(json), step, Math::max)));
    for (Path folder : Storage.list(root)) {
      if (Files.isDirectory(folder)) {
        Storage.list(folder).forEach(picture -> found(picture, named));
      }
    }
    prune(trained);
  }

  /** The file name in a line of the index; empty if there is none. */
  private static String name(byte[] line) throws IOException {
    try {
      return Json.MAPPER.readTree(line).path("file").asText();
    } catch (JsonProcessingException e) {
      return "";
    }
  }

  private void found(Path picture, Map<String, Integer> named) {
    String name = root.relativize(picture).toString().replace('\\', '/');
    if (!NAME.matcher(name).matches()) {
      return; // not one of ours
    }
    if (named.containsKey(name)) {
      put(name, named.get(name), Storage.read(picture, () -> Files.size(picture)));
    } else {
      fence.check().run();
      Durable.tryDelete(picture);
    }
  }

  private void put(String name, int step, long bytes) {
    Integer before = stepOf.put(name, step);
    if (before == null) {
      bytesOf.put(name, bytes);
      held += bytes;
    } else {
      detach(name, before);
    }
    filesOf.computeIfAbsent(step, added -> new LinkedHashSet<>()).add(name);
  }

  @Override
  public void keep(int step, List<Pictured> groups) {
    List<float[]> rewards = groups.stream().map(g -> g.group().credit().rewards()).toList();
    for (PictureChoice choice : PictureChoice.of(step, rewards, whole)) {
      Pictured group = groups.get(choice.group());
      if (group.pictures().isPresent()) {
        GroupPictures pictures = group.pictures().get();
        String name = write(step, pictures.jpegs().get(choice.image()));
        index.orElseThrow().append(line(step, choice, group, pictures, name));
      }
    }
    prune(step);
  }

  /** Writes a picture unless it exists; returns its name. */
  private String write(int step, byte[] jpeg) {
    String hash = Sha256.of(jpeg);
    String name = hash.substring(0, 2) + "/" + hash + ".jpg";
    if (!stepOf.containsKey(name)) {
      Path picture = root.resolve(name);
      try {
        Files.createDirectories(picture.getParent());
      } catch (IOException e) {
        throw new WriteFailedException(picture, e);
      }
      Durable.swap(picture, jpeg, fence);
    }
    put(name, step, jpeg.length);
    return name;
  }

  private static Map<String, Object> line(
      int step, PictureChoice choice, Pictured group, GroupPictures pictures, String name) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", step);
    line.put("group", group.group().group().id().toString());
    line.put("attempt", group.group().group().attempt());
    line.put("image", choice.image());
    line.put("why", choice.why().text());
    line.put("file", name);
    line.put("width", pictures.width());
    line.put("height", pictures.height());
    Map<String, Object> places = new LinkedHashMap<>();
    pictures
        .places()
        .forEach(
            (reward, maps) -> {
              Map<String, Object> own = new LinkedHashMap<>();
              maps.forEach((map, logits) -> own.put(map, shown(logits, choice.image())));
              places.put(reward, own);
            });
    line.put("places", places);
    return line;
  }

  /** Logits of one image, rounded to a thousandth: they are shown as colours. */
  private static Map<String, Object> shown(PlaceLogits logits, int image) {
    int each = logits.rows() * logits.columns();
    float[] own = Arrays.copyOfRange(logits.values(), image * each, (image + 1) * each);
    double[] rounded = new double[each];
    for (int i = 0; i < each; i++) {
      rounded[i] = Float.isFinite(own[i]) ? Math.round(own[i] * 1e3) / 1e3 : own[i];
    }
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("rows", logits.rows());
    shown.put("columns", logits.columns());
    shown.put("logits", Json.finite(rounded));
    return shown;
  }

  /** Deletes pictures that are too old or exceed the limit. */
  private void prune(int newest) {
    if (limit == 0) {
      return;
    }
    for (int step : List.copyOf(filesOf.headMap(newest - LATEST, true).keySet())) {
      if (step % EVERY != 0) {
        List.copyOf(filesOf.get(step)).forEach(this::delete);
      }
    }
    while (held > limit) {
      delete(filesOf.firstEntry().getValue().iterator().next());
    }
  }

  private void detach(String name, int step) {
    Set<String> files = filesOf.get(step);
    files.remove(name);
    if (files.isEmpty()) {
      filesOf.remove(step);
    }
  }

  private void delete(String name) {
    detach(name, stepOf.remove(name));
    held -= bytesOf.remove(name);
    fence.check().run();
    Durable.tryDelete(root.resolve(name));
  }

  @Override
  public void close() {
    index.ifPresent(StepLines::close);
  }
}
