package io.atelier.tests.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.text.ClipTokenizer;
import io.atelier.models.text.T5Tokenizer;
import io.atelier.models.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("golden")
class TokenizerGoldenTest {

  @TempDir Path temporary;

  /** The tokenizer of {@code folder}, read from its vocab.json and merges.txt. */
  private ClipTokenizer fromVocabulary(Path folder) throws IOException {
    return copy(folder, "vocab.json", "merges.txt", "tokenizer_config.json");
  }

  /** The tokenizer of {@code folder}, read from its tokenizer.json. */
  private ClipTokenizer fromTokenizerJson(Path folder) throws IOException {
    return copy(folder, "tokenizer.json", "tokenizer_config.json");
  }

  private ClipTokenizer copy(Path folder, String... files) throws IOException {
    Path copy = Files.createTempDirectory(temporary, "tokenizer");
    for (String file : files) {
      Files.copy(folder.resolve(file), copy.resolve(file));
    }
    return ClipTokenizer.load(copy);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sd3-tiny", "sd35-tiny"})
  void shouldGiveTheTokensOfTheReference(String pipeline) throws IOException {
    Path folder = Golden.path(pipeline);
    Map<String, Map<String, Tokenizer>> routes = new LinkedHashMap<>();
    for (String name : new String[] {"tokenizer", "tokenizer_2"}) {
      Path part = folder.resolve(name);
      routes.put(
          name,
          Map.of("vocabulary", fromVocabulary(part), "tokenizer.json", fromTokenizerJson(part)));
    }
    T5Tokenizer third = T5Tokenizer.load(folder.resolve("tokenizer_3"));
    routes.put("tokenizer_3", Map.of("tokenizer.json", third));
    int compared = 0;
    for (JsonNode example : Golden.json(pipeline, "expected", "tokens.json").get("cases")) {
      String prompt = example.get("prompt").textValue();
      for (Map.Entry<String, JsonNode> entry : example.properties()) {
        String[] key = entry.getKey().split("\\.");
        Map<String, Tokenizer> tokenizers = routes.getOrDefault(key[0], Map.of());
        for (Map.Entry<String, Tokenizer> route : tokenizers.entrySet()) {
          assertArrayEquals(
              Golden.longs(entry.getValue()),
              route.getValue().encode(prompt, Integer.parseInt(key[1])),
              () -> "%s by %s of \"%s\"".formatted(entry.getKey(), route.getKey(), prompt));
          compared++;
        }
      }
    }
    third.close();
    assertTrue(compared >= 8, compared + " comparisons");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sd3-tiny", "sd35-tiny"})
  void shouldDecodeToTheGroupingKeyOfTheReference(String pipeline) {
    Path folder = Golden.path(pipeline);
    ClipTokenizer tokenizer = ClipTokenizer.load(folder.resolve("tokenizer"));
    for (JsonNode example : Golden.json(pipeline, "expected", "tokens.json").get("cases")) {
      assertEquals(
          example.get("decoded").textValue(),
          tokenizer.decode(Golden.longs(example.get("tokenizer.256"))));
    }
  }

  /** Against the native tokenizers library, on texts that no example holds. */
  @ParameterizedTest
  @CsvSource({"sd3-tiny, tokenizer", "sd3-tiny, tokenizer_2", "sd35-tiny, tokenizer_2"})
  void shouldAgreeWithTheNativeLibraryOnRandomText(String pipeline, String name)
      throws IOException {
    Path folder = Golden.path(pipeline).resolve(name);
    ClipTokenizer vocabulary = fromVocabulary(folder);
    ClipTokenizer tokenizerJson = fromTokenizerJson(folder);
    Random random = new Random(11);
    try (HuggingFaceTokenizer library =
        HuggingFaceTokenizer.newInstance(
            folder.resolve("tokenizer.json"), Map.of("padding", "false", "truncation", "false"))) {
      for (int i = 0; i < 3000; i++) {
        String text = text(random);
        long[] expected = library.encode(text).getIds();
        assertEquals(expected.length, vocabulary.count(text), text);
        assertArrayEquals(expected, vocabulary.encode(text, expected.length), text);
        assertArrayEquals(expected, tokenizerJson.encode(text, expected.length), text);
        String decoded = library.decode(expected, true).replace("</w>", " ").strip();
        assertEquals(decoded, vocabulary.decode(expected), text);
      }
    }
  }

  /** Pieces that have their own rules, and characters of many scripts that Unicode 13 knows. */
  private static String text(Random random) {
    String[] pieces = {
      " ",
      "  ",
      "\t",
      "\n",
      "\u00a0",
      "\u3000",
      "\u0085",
      "\u200b",
      "'s",
      "'S",
      "'ll",
      "''",
      "'re!",
      "!",
      "!!",
      "<|endoftext|>",
      "<|StartOfText|>",
      "<|endoftext",
      "\u0130",
      "\u03a3",
      "A\u03a3 ",
      "e\u0301",
      "\u212b",
      "\u1e9e",
      "\ufb01",
      "\u01c5",
      "\ud83e\udd8a",
      "\ud83d\udc68\u200d\ud83d\udc69",
      "1234",
      "\u0662",
      "\u00bd",
      "the",
      "Fox",
      "don't",
      "\u0915\u094d\u0937",
      "\uac00",
      "\u1100\u1161",
      "_",
      "-"
    };
    int[][] ranges = {
      {0x20, 0x7e}, {0xa1, 0x17f}, {0x391, 0x3c9}, {0x410, 0x44f}, {0x5d0, 0x5ea},
      {0x621, 0x64a}, {0x905, 0x939}, {0x3041, 0x3096}, {0x4e00, 0x9fa5}, {0x1f600, 0x1f64f}
    };
    StringBuilder text = new StringBuilder();
    for (int n = random.nextInt(12); n > 0; n--) {
      if (random.nextInt(3) == 0) {
        int[] range = ranges[random.nextInt(ranges.length)];
        for (int k = random.nextInt(5); k >= 0; k--) {
          text.appendCodePoint(range[0] + random.nextInt(range[1] - range[0] + 1));
        }
      } else {
        text.append(pieces[random.nextInt(pieces.length)]);
      }
    }
    return text.toString();
  }
}
