package io.atelier.actors.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessorKindsTest {

  @TempDir Path root;

  private String cpu(String text) throws IOException {
    Files.writeString(Files.createDirectories(root.resolve("proc")).resolve("cpuinfo"), text);
    return new ProcessorKinds(root).cpu();
  }

  /** Two generations that a virtual machine calls by one name are two kinds. */
  @Test
  void shouldTellGenerationsOfOneNameApart() throws IOException {
    String third =
        "processor\t: 0\ncpu family\t: 25\nmodel\t\t: 1\nmodel name\t: AMD EPYC\nflags\t\t: fpu avx avx2\n";
    assertEquals("AMD EPYC (family 25, model 1, AVX2)", cpu(third));
    String fourth = third.replace(": 1\n", ": 17\n").replace("avx2", "avx2 avx512f avx512_bf16");
    assertEquals("AMD EPYC (family 25, model 17, AVX-512)", cpu(fourth));
  }

  @Test
  void shouldSayWhatIsKnown() throws IOException {
    assertEquals("A64FX", cpu("model name : A64FX\n"));
    assertEquals(System.getProperty("os.arch"), cpu("CPU implementer : 0x46\n"));
    assertEquals(System.getProperty("os.arch"), new ProcessorKinds(root.resolve("none")).cpu());
  }
}
