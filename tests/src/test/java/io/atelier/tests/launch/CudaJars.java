package io.atelier.tests.launch;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;

/**
 * A Maven repository with jars of the names and the layout of those that hold libtorch for CUDA. A
 * library is a line of text.
 */
final class CudaJars {

  /**
   * @param libraries that are wanted
   * @param others that lie beside them in the jar
   */
  private record CudaJar(
      String name, String version, String classifier, List<String> libraries, List<String> others) {

    String path() {
      return "org/bytedeco/%s/%s/%1$s-%2$s-%s.jar".formatted(name, version, classifier);
    }
  }

  private static final List<CudaJar> JARS =
      List.of(
          new CudaJar(
              "cuda",
              "12.6-9.5-1.5.11",
              "linux-x86_64-redist",
              List.of(
                  "libcublas.so.12",
                  "libcublasLt.so.12",
                  "libcudnn.so.9",
                  "libcudnn_engines_precompiled.so.9",
                  "libcusolver.so.11",
                  "libcusparse.so.12"),
              List.of("libcudart.so.12", "libcufft.so.11", "libnppc.so.12", "libcusolverMg.so.11")),
          new CudaJar(
              "pytorch",
              "2.7.1-1.5.12",
              "linux-x86_64-gpu",
              List.of("libc10.so", "libc10_cuda.so", "libtorch.so", "libtorch_cuda.so"),
              List.of("libjnitorch.so", "libjnitorch_cuda.so")),
          new CudaJar(
              "cuda-redist",
              "12.9-9.10-1.5.12",
              "linux-x86_64",
              List.of("libcudart.so.12", "libcufft.so.11", "libnvrtc-builtins.so.12.9"),
              List.of("libcufftw.so.11", "libnvjpeg.so.12")),
          new CudaJar(
              "openblas",
              "0.3.30-1.5.12",
              "linux-x86_64",
              List.of("libopenblas.so.0", "libgfortran.so.5", "libquadmath.so.0"),
              List.of("libjniopenblas.so", "libgcc_s.so.1")));

  private final Path repository;

  /**
   * @param real whether they are jars, or archives that tar reads
   */
  CudaJars(Path repository, boolean real) throws IOException, InterruptedException {
    this.repository = repository;
    for (CudaJar jar : JARS) {
      Path file = repository.resolve(jar.path());
      Files.createDirectories(file.getParent());
      if (real) {
        writeJar(file, jar);
      } else {
        writeTar(file, jar);
      }
      Files.writeString(
          file.resolveSibling("%s-%s.pom".formatted(jar.name(), jar.version())),
          """
          <project><modelVersion>4.0.0</modelVersion><groupId>org.bytedeco</groupId>\
          <artifactId>%s</artifactId><version>%s</version></project>
          """
              .formatted(jar.name(), jar.version()));
    }
  }

  /** What is in a jar, by its path there. */
  private static Map<String, String> entries(CudaJar jar) {
    List<String> names = new ArrayList<>(jar.libraries());
    names.addAll(jar.others());
    names.add("include/libtorch.so.h");
    Map<String, String> entries = new TreeMap<>();
    for (String name : names) {
      String path = "org/bytedeco/%s/linux-x86_64/%s".formatted(jar.name(), name);
      entries.put(path, content(jar, name));
    }
    return entries;
  }

  private static void writeJar(Path file, CudaJar jar) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        JarOutputStream to = new JarOutputStream(out)) {
      for (Map.Entry<String, String> entry : entries(jar).entrySet()) {
        to.putNextEntry(new ZipEntry(entry.getKey()));
        to.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private static void writeTar(Path file, CudaJar jar) throws IOException, InterruptedException {
    Path folder = Files.createDirectory(file.resolveSibling("content"));
    List<String> command = new ArrayList<>(List.of("tar", "-cf", file.toAbsolutePath().toString()));
    command.addAll(List.of("-C", folder.toAbsolutePath().toString()));
    for (Map.Entry<String, String> entry : entries(jar).entrySet()) {
      Path content = folder.resolve(entry.getKey());
      Files.createDirectories(content.getParent());
      Files.writeString(content, entry.getValue());
      command.add(entry.getKey());
    }
    Script.Result made = Script.run(Map.of(), command.toArray(String[]::new));
    if (made.code() != 0) {
      throw new IOException("tar: " + made.output());
    }
  }

  private static String content(CudaJar jar, String library) {
    return library + " of " + jar.name();
  }

  /** The libraries that are wanted, and what is in them. */
  static Map<String, String> libraries() {
    Map<String, String> libraries = new TreeMap<>();
    for (CudaJar jar : JARS) {
      jar.libraries().forEach(library -> libraries.put(library, content(jar, library)));
    }
    return libraries;
  }

  /** The SHA-1 of the jars, in place of those of the jars of Maven Central. */
  Map<String, String> sums() throws IOException {
    List<String> central =
        List.of(
            "9ab62bca3f54c11ecde4d0190a94d5babe55d3ad",
            "07dfd3e43bee619f7f359324d450565ef16b91ee",
            "db22bd21f365c88fb6f5cb5e4fce728a3806a644",
            "6f89bf2bee8dfb60507245e0d15bbdc6e4ca5e35");
    Map<String, String> sums = new TreeMap<>();
    for (int i = 0; i < central.size(); i++) {
      sums.put(central.get(i), sha1(repository.resolve(JARS.get(i).path())));
    }
    return sums;
  }

  private static String sha1(Path file) throws IOException {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-1").digest(Files.readAllBytes(file)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
