package io.atelier.models.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatrixProductsTest {

  @ParameterizedTest
  @CsvSource({
    "fma avx2 avx512f avx512dq, , ONEDNN",
    "fma avx2, , DEFAULT",
    "fma avx2 avx512f, AVX2, DEFAULT",
    "fma avx2 avx512f, avx2_vnni, DEFAULT",
    "fma avx2 avx512f, AVX512_CORE, ONEDNN",
    "fma avx2 avx512f, DEFAULT, ONEDNN",
    "fma avx2, AVX512_CORE, DEFAULT",
  })
  void shouldGoByTheProcessor(String flags, String limit, MatrixProducts expected) {
    String processors = "processor\t: 0\nmodel name\t: avx512f\nflags\t\t: fpu " + flags + "\n\n";
    assertEquals(expected, MatrixProducts.of(processors, Optional.ofNullable(limit)));
    assertEquals(MatrixProducts.DEFAULT, MatrixProducts.of("", Optional.ofNullable(limit)));
  }
}
