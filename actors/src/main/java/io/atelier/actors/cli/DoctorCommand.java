package io.atelier.actors.cli;

import io.atelier.actors.api.assembly.Assembly;
import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.console.Failures;
import io.atelier.actors.cli.option.EngineOptions;
import io.atelier.actors.cli.option.PeerOptions;
import io.atelier.actors.doctor.Finding;
import io.atelier.actors.doctor.Finding.Grade;
import io.atelier.actors.doctor.PeerCheck;
import io.atelier.actors.identity.Version;
import io.atelier.actors.machine.Machine;
import io.atelier.actors.transport.TransportConfig;
import io.atelier.actors.transport.aeron.SocketLimits;
import io.atelier.actors.transport.plane.DataPlane;
import io.atelier.models.assets.EmbeddedModel;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.OnnxEncoder;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "doctor",
    description = "Checks that this machine can run Atelier, and says what to do if it cannot.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Exit code 0 if nothing is wrong, 1 if a line says FAIL. WARN is for what works, but not well.",
      "",
      "Examples:",
      "  ./atelier doctor",
      "Of two machines, before a run on both; on 10.0.0.2, then on the other one:",
      "  ./atelier doctor --listen",
      "  ./atelier doctor --peer 10.0.0.2",
      "More: docs/cluster.md"
    })
final class DoctorCommand implements Callable<Integer> {

  private static final long MIB = 1 << 20;
  private static final long DISK_NEEDED = 512 * MIB;
  private static final long HEAP_NEEDED = 1024 * MIB;

  @FunctionalInterface
  private interface Check {
    /** Returns what was found; throws if the check fails. */
    String run() throws Exception;
  }

  @Mixin private EngineOptions engine;
  @Mixin private PeerOptions peers;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    if (peers.listens()) {
      peers.listen(out);
      return ExitCode.DONE;
    }
    List<Finding> findings = peers.peer().map(PeerCheck::of).orElseGet(this::machine);
    findings.forEach(finding -> out.println(finding.line()));
    return findings.stream().allMatch(Finding::works) ? ExitCode.DONE : ExitCode.FAILED;
  }

  private List<Finding> machine() {
    List<Finding> findings = new ArrayList<>();
    findings.add(check("atelier", () -> Version.of("atelier")));
    findings.add(check("java", DoctorCommand::java));
    findings.add(
        check("cores", () -> Runtime.getRuntime().availableProcessors() + " for this process"));
    findings.add(check("heap", DoctorCommand::heap));
    findings.add(check("pictures", DoctorCommand::pictures));
    findings.add(check("disk", () -> disk(Path.of("").toAbsolutePath())));
    findings.add(check("locale", Machine::locale));
    findings.add(check("temporary files", Machine::temporary));
    findings.add(check("cache", Machine::cache));
    findings.add(check("memory of nodes", () -> DataPlane.room(TransportConfig.loopback())));
    findings.add(check("UDP buffers", DoctorCommand::sockets));
    findings.add(check("libtorch", this::torch));
    findings.add(check("onnxruntime", DoctorCommand::onnx));
    findings.add(
        check(
            "embedded model",
            () ->
                Assembly.model(EmbeddedModel.EMOJI64, engine.types())
                    .root()
                    .toAbsolutePath()
                    .toString()));
    return findings;
  }

  private static Finding check(String name, Check check) {
    try {
      return new Finding(Grade.OK, name, check.run());
    } catch (Exception | LinkageError e) { // native libraries fail with errors
      return new Finding(Grade.FAIL, name, Failures.line(e));
    }
  }

  private static String java() {
    return "%s %s (%s)"
        .formatted(
            System.getProperty("java.vm.name"),
            System.getProperty("java.version"),
            System.getProperty("java.home"));
  }

  private static String heap() {
    long heap = Runtime.getRuntime().maxMemory();
    if (heap < HEAP_NEEDED) {
      throw new IllegalStateException(
          "%d MiB, at least %d are needed; set ATELIER_JAVA_OPTS=-Xmx4g"
              .formatted(heap / MIB, HEAP_NEEDED / MIB));
    }
    return heap / MIB + " MiB at most; tensors lie outside";
  }

  /** Some Java builds use the system's JPEG library, which may be missing. */
  private static String pictures() throws IOException {
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "jpeg", jpeg);
    ImageIO.read(new ByteArrayInputStream(jpeg.toByteArray()));
    return "JPEG is written and read";
  }

  private static String disk(Path folder) {
    long free = folder.toFile().getUsableSpace();
    if (free < DISK_NEEDED) {
      throw new IllegalStateException(
          "%d MiB free at %s, a run needs %d; free some space or set run.dir"
              .formatted(free / MIB, folder, DISK_NEEDED / MIB));
    }
    return "%d MiB free at %s".formatted(free / MIB, folder);
  }

  private static String sockets() {
    TransportConfig config = TransportConfig.loopback();
    SocketLimits.require(config);
    return "at least %d KiB".formatted(config.windowBytes() / 1024);
  }

  private String torch() {
    Machine.Computing computing = engine.computing();
    if (computing.warning().isPresent()) {
      throw new IllegalStateException(computing.warning().get());
    }
    return computing.line();
  }

  private static String onnx() {
    try (Encoder encoder = OnnxEncoder.lite0(EncoderConfig.DEFAULT)) {
      encoder.encode(new Images(1, 64, 64, new byte[3 * 64 * 64]));
      return "encodes with " + encoder.id();
    }
  }
}
