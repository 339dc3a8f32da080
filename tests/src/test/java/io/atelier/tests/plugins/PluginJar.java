package io.atelier.tests.plugins;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** The plug-in of docs/embedding.md, compiled and packed as its page says. */
public final class PluginJar {

  private static final String CLASS = "com/example/WarmPlugin";

  private static final String SERVICE = "META-INF/services/io.atelier.actors.plugins.AtelierPlugin";

  private PluginJar() {}

  /** The code of a page that has {@code text} in it. */
  static String code(String page, String text) throws IOException {
    Path root = Path.of(System.getProperty("atelier.root", ".."));
    Matcher blocks =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(root.resolve(page)));
    return blocks
        .results()
        .map(block -> block.group(1))
        .filter(code -> code.contains(text))
        .findFirst()
        .orElseThrow(() -> new AssertionError("%s has no code with %s".formatted(page, text)));
  }

  /**
   * Packs the plug-in.
   *
   * @param jar the file to write, in an empty folder or beside other jars
   * @param change what is done to its source first
   */
  public static Path pack(Path jar, UnaryOperator<String> change) throws IOException {
    Path classes = Files.createDirectories(jar.resolveSibling(jar.getFileName() + ".classes"));
    compile(change.apply(code("docs/embedding.md", "class WarmPlugin")), CLASS, classes);
    Path service = classes.resolve(SERVICE);
    Files.createDirectories(service.getParent());
    Files.writeString(service, CLASS.replace('/', '.') + "\n");
    zip(classes, jar, 0);
    return jar;
  }

  /** Compiles one class with the compiler of the JDK against the class path of the tests. */
  static void compile(String source, String name, Path classes) throws IOException {
    Path file = classes.resolveSibling(classes.getFileName() + ".src").resolve(name + ".java");
    Files.createDirectories(file.getParent());
    Files.writeString(file, source);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<String> arguments =
        List.of(
            "-proc:none",
            "-cp",
            System.getProperty("java.class.path") + File.pathSeparator + classes,
            "-d",
            classes.toString(),
            file.toString());
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int code = compiler.run(null, said, said, arguments.toArray(String[]::new));
    if (code != 0) {
      throw new AssertionError(said.toString(StandardCharsets.UTF_8));
    }
  }

  /**
   * Packs a folder.
   *
   * @param millis when all its files are said to have changed
   */
  static void zip(Path folder, Path jar, long millis) throws IOException {
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out);
        Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        JarEntry entry = new JarEntry(folder.relativize(file).toString());
        entry.setTime(millis);
        entries.putNextEntry(entry);
        Files.copy(file, entries);
        entries.closeEntry();
      }
    }
  }
}
