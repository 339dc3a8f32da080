package io.atelier.tests.faults;

import static io.atelier.tests.faults.Fault.accepted;
import static io.atelier.tests.faults.Fault.refused;
import static io.atelier.tests.faults.Fault.refusedForGood;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.compute.TrainingData;
import io.atelier.actors.config.run.DataConfig;
import io.atelier.actors.config.run.HeldOutShare;
import io.atelier.actors.config.run.TooLong;
import io.atelier.models.vision.ImageSource;
import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;
import io.atelier.tests.cli.Cli;
import io.atelier.tests.golden.Golden;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/** Images, captions and figures: F03, F06, F07, F12 to F15, F17, F24, F28. */
final class DataFaults {

  private DataFaults() {}

  static Stream<Fault> rows() {
    return Stream.of(images(), captions(), outputs(), numbers()).flatMap(List::stream);
  }

  private static List<Fault> images() {
    return List.of(
        new Fault("F03", "gray PNG", f -> gray("refs/gray", 0)),
        new Fault("F03", "gray JPEG", f -> gray("refs/grayjpg", 2)),
        new Fault("F03", "gray as RGB", f -> gray("refs/grayrgb", 0)),
        new Fault("F03", "CMYK JPEG", f -> color("refs/cmyk", 200, 60, 40, 4)),
        new Fault("F13", "WebP", f -> color("refs/webp", 200, 60, 40, 6)),
        new Fault("F17", "WebP under .jpg", f -> color("refs/webpjpg", 200, 60, 40, 6)),
        new Fault("F13", "WebP beside PNG", f -> assertEquals(52, read("refs/mixwebp").count())),
        new Fault("F13", "subfolders", f -> subfolders()),
        new Fault(
            "F13", "leavings of a file manager", f -> assertEquals(3, read("refs/dots").count())),
        new Fault("F14", "orientation 6", f -> turned()),
        new Fault("F12", "half a JPEG", f -> references("refs/trunc", "b.jpg")),
        new Fault("F12", "half a PNG", f -> references("refs/truncpng", "a.png")),
        new Fault("F24", "no such folder", f -> references("refs/nowhere", "refs/nowhere")),
        new Fault("F06", "PNG of 30000 x 30000", DataFaults::huge));
  }

  private static List<Fault> captions() {
    return List.of(
        new Fault("F15", "byte order mark", f -> captions("bom.txt", "red apple", "blue car")),
        new Fault(
            "F15", "CRLF and blank lines", f -> captions("crlf.txt", "red apple", "blue car")),
        new Fault("F15", "lines of JSON", f -> captions("metadata.jsonl", "red apple", "blue car")),
        new Fault("F15", "JSON in a .txt", f -> captions("jsonl.txt", "a photo of two cats")),
        new Fault("F15", "CSV", f -> prompts("csv.csv")),
        new Fault("F15", "UTF-16", f -> prompts("utf16.txt")),
        new Fault("F15", "Latin-1", f -> prompts("latin1.txt")),
        new Fault("F15", "zeros", f -> prompts("nul.bin")),
        new Fault("F15", "nothing", f -> prompts("empty.txt")));
  }

  private static List<Fault> outputs() {
    Path model = Golden.path("sd3-tiny");
    return List.of(
        new Fault(
            "F07",
            "sample --out into no folder",
            f -> refused(Inputs.sample(model, f.resolve("no/x.png")), "no/x.png")),
        new Fault(
            "F07",
            "sample --latents-out into no folder",
            f ->
                refused(
                    Inputs.sample(
                        model,
                        f.resolve("x.png"),
                        "--latents-out",
                        f.resolve("no/x.safetensors").toString()),
                    "no/x.safetensors")),
        new Fault(
            "F07",
            "eval --grid into no folder",
            f -> refused(List.of("eval", "--grid", f.resolve("no/g.png").toString()), "no/g.png")),
        new Fault("F17", "sample --out x.jpg", f -> jpeg(model, f)),
        new Fault(
            "F17",
            "sample --out x.docx",
            f -> refusedForGood(Inputs.sample(model, f.resolve("x.docx")), "x.docx")));
  }

  private static List<Fault> numbers() {
    Path model = Golden.path("sd3-tiny");
    return List.of(
        number("run.seed=1e30", "run.seed", "E30"),
        number("run.seed=18446744073709551616", "run.seed", "18446744073709551616"),
        number("run.seed=0.5", "run.seed", "0.5"),
        number("run.steps=1e12", "run.steps"),
        number("rollout.height=1e30", "rollout.height"),
        new Fault(
            "F28",
            "run.seed=18446744073709551615",
            f -> accepted(Inputs.plan("run.seed=18446744073709551615"))),
        new Fault(
            "F28",
            "--t5-length 100000",
            f ->
                refusedForGood(
                    Inputs.sample(model, f.resolve("x.png"), "--t5-length", "100000"),
                    "t5-length",
                    "100000")));
  }

  private static Fault number(String setting, String... said) {
    return new Fault("F28", setting, f -> refusedForGood(Inputs.plan(setting), said));
  }

  private static Images read(String folder) {
    String prompts = Inputs.file("prompts/plain.txt").toString();
    String references = Inputs.file(folder).toString();
    ImageSource all = load(prompts, references).heldOut().references();
    return all.slice(0, all.count());
  }

  private static TrainingData load(String prompts, String references) {
    HeldOutShare none = new HeldOutShare("0");
    DataConfig config =
        new DataConfig(prompts, List.of(), none, TooLong.TRUNCATE, references, true);
    return TrainingData.load(config, 1, 64, 64);
  }

  /** Each level comes back thrice. */
  private static void gray(String folder, int tolerance) {
    Images images = read(folder);
    int[] levels = {0, 64, 128, 192, 255, 100};
    for (int i = 0; i < levels.length; i++) {
      for (int k = 0; k < images.stride(); k++) {
        int level = images.rgb()[i * images.stride() + k] & 255;
        assertEquals(levels[i], level, tolerance, folder + ", image " + i);
      }
    }
  }

  private static void color(String folder, int red, int green, int blue, int tolerance) {
    Images images = read(folder);
    int[] color = {red, green, blue};
    for (int k = 0; k < images.rgb().length; k++) {
      assertEquals(color[k % 3], images.rgb()[k] & 255, tolerance, folder + ", value " + k);
    }
  }

  private static void subfolders() {
    Cli plan = Cli.run(Inputs.plan("data.references=" + Inputs.file("refs/subfolders")));
    if (plan.code() == 0) {
      assertEquals(6, read("refs/subfolders").count());
    } else {
      assertTrue(String.join(" ", plan.err()).contains("cats"), plan.err().toString());
    }
  }

  /** Blue on the left becomes blue above. */
  private static void turned() {
    Images plain = read("refs/exifplain");
    Images turned = read("refs/exif");
    int side = 64;
    int top = (4 * side + side / 2) * 3;
    int left = (side / 2 * side + 4) * 3;
    assertEquals(255, plain.rgb()[left + 2] & 255, 8, "left of the plain image");
    assertEquals(255, turned.rgb()[top + 2] & 255, 8, "above in the turned image");
    assertEquals(0, turned.rgb()[top] & 255, 8, "above in the turned image");
    assertEquals(200, turned.rgb()[(60 * side + side / 2) * 3] & 255, 8, "below");
  }

  private static void references(String folder, String said) {
    refused(Inputs.plan("data.references=" + Inputs.file(folder)), said);
  }

  /** The header alone says that there is no room for it. */
  private static void huge(Path folder) throws IOException {
    Path references = Files.createDirectories(folder.resolve("references"));
    Inputs.copy(Inputs.file("refs/good"), folder.resolve("good"));
    Files.copy(folder.resolve("good/0.png"), references.resolve("a.png"));
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(header);
    out.writeInt(30000);
    out.writeInt(30000);
    out.write(new byte[] {8, 2, 0, 0, 0});
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    png.write(new byte[] {(byte) 137, 'P', 'N', 'G', 13, 10, 26, 10});
    chunk(png, "IHDR", header.toByteArray());
    chunk(png, "IDAT", new byte[1000]);
    chunk(png, "IEND", new byte[0]);
    Files.write(references.resolve("huge.png"), png.toByteArray());
    refused(Inputs.plan("data.references=" + references), "huge.png", "30000");
  }

  private static void chunk(ByteArrayOutputStream png, String type, byte[] data)
      throws IOException {
    CRC32 crc = new CRC32();
    crc.update(type.getBytes(StandardCharsets.US_ASCII));
    crc.update(data);
    DataOutputStream out = new DataOutputStream(png);
    out.writeInt(data.length);
    out.write(type.getBytes(StandardCharsets.US_ASCII));
    out.write(data);
    out.writeInt((int) crc.getValue());
  }

  private static void captions(String file, String... captions) {
    String prompts = Inputs.file("prompts/" + file).toString();
    String references = Inputs.file("refs/good").toString();
    List<Prompt> read = load(prompts, references).prompts();
    assertEquals(List.of(captions), read.stream().map(Prompt::text).toList());
  }

  private static void prompts(String file) {
    refusedForGood(Inputs.plan("data.prompts=" + Inputs.file("prompts/" + file)), file);
  }

  private static void jpeg(Path model, Path folder) throws IOException {
    Path out = folder.resolve("x.jpg");
    Cli result = Cli.run(Inputs.sample(model, out));
    if (result.code() == 0) {
      byte[] bytes = Files.readAllBytes(out);
      assertEquals(0xffd8, (bytes[0] & 255) << 8 | bytes[1] & 255, "no JPEG");
    } else {
      assertFalse(Files.exists(out));
      assertTrue(String.join(" ", result.err()).contains("x.jpg"), result.err().toString());
    }
  }
}
