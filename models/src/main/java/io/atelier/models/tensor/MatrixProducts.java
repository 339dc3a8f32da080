package io.atelier.models.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * By what libtorch computes large matrix products in float32 on the CPU: oneDNN, or the BLAS that
 * it takes by default, which is MKL on x86. oneDNN uses AVX-512 on the processors of every maker,
 * MKL on those of one; where there is none, MKL is the faster one: measured on an EPYC with AVX2,
 * 1.12 to 1.2 times in training and about equal in sampling, with one thread.
 */
public enum MatrixProducts {
  ONEDNN("oneDNN"),
  DEFAULT("its BLAS");

  private static final MatrixProducts HERE =
      of(processors(), Optional.ofNullable(System.getenv("ONEDNN_MAX_CPU_ISA")));

  private final String title;

  MatrixProducts(String title) {
    this.title = title;
  }

  /** The one of this machine. */
  public static MatrixProducts here() {
    return HERE;
  }

  /**
   * @param processors what Linux says of them
   * @param limit the instructions that oneDNN is held to, if it is
   */
  static MatrixProducts of(String processors, Optional<String> limit) {
    boolean held =
        limit
            .map(isa -> isa.toUpperCase(Locale.ROOT))
            .filter(isa -> !isa.startsWith("AVX512") && !isa.startsWith("AVX10"))
            .filter(isa -> !isa.equals("DEFAULT") && !isa.equals("ALL"))
            .isPresent();
    boolean wide =
        processors
            .lines()
            .filter(line -> line.startsWith("flags"))
            .findFirst()
            .filter(flags -> flags.matches(".*\\bavx512f\\b.*"))
            .isPresent();
    return wide && !held ? ONEDNN : DEFAULT;
  }

  private static String processors() {
    try {
      return Files.readString(Path.of("/proc/cpuinfo"));
    } catch (IOException e) {
      return ""; // another system than Linux
    }
  }

  /** What a user is told, after "by". */
  @Override
  public String toString() {
    return title;
  }
}
