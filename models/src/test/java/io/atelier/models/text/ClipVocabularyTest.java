package io.atelier.models.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClipVocabularyTest {

  /** Words that hold each other, repeat themselves, and share beginnings and ends. */
  private static final List<String> CAPTIONS =
      List.of(
          "grinning face with big eyes",
          "ace pace face aces",
          "banana anana ananas",
          "aaaaaaa aaa aa",
          "Père Noël, l'été! 10:30",
          "face with tears of joy",
          "狐狸");

  @TempDir Path folder;

  private ClipTokenizer tokenizer(List<String> captions) {
    ClipVocabulary vocabulary = ClipVocabulary.build(captions);
    vocabulary.write(folder, 16);
    ClipTokenizer tokenizer = ClipTokenizer.load(folder);
    assertEquals(vocabulary.size(), tokenizer.vocabularySize());
    return tokenizer;
  }

  @Test
  void shouldMakeEveryWordOfTheCaptionsOneToken() {
    ClipTokenizer tokenizer = tokenizer(CAPTIONS);
    for (String caption : CAPTIONS) {
      List<String> words = ClipText.words(ClipText.normalize(caption));
      assertEquals(words.size() + 2, tokenizer.count(caption), caption);
      for (String word : words) {
        assertEquals(3, tokenizer.count(word), word);
      }
    }
  }

  @Test
  void shouldMakeEveryRandomWordOneToken() {
    Random random = new Random(7);
    List<String> captions = new ArrayList<>();
    Set<String> words = new HashSet<>();
    for (int i = 0; i < 400; i++) {
      StringBuilder word = new StringBuilder();
      for (int letters = 1 + random.nextInt(7); letters > 0; letters--) {
        word.append((char) ('a' + random.nextInt(3)));
      }
      words.add(word.toString());
      captions.add(word.toString());
    }
    ClipTokenizer tokenizer = tokenizer(captions);
    Set<Long> ids = new HashSet<>();
    for (String word : words) {
      assertEquals(3, tokenizer.count(word), word);
      ids.add(tokenizer.encode(word, 3)[1]);
    }
    assertEquals(words.size(), ids.size(), "different words have different tokens");
  }

  @Test
  void shouldSpellOtherWordsInPieces() {
    ClipTokenizer tokenizer = tokenizer(CAPTIONS);
    String other = "facepalm 🦊 zebra";
    int tokens = tokenizer.count(other);
    assertTrue(tokens > 5, "unseen words are not one token each");
    assertEquals(other, tokenizer.decode(tokenizer.encode(other, tokens)));
  }

  @Test
  void shouldCutOrPadWithTheEndMark() {
    ClipTokenizer tokenizer = tokenizer(CAPTIONS);
    long begin = tokenizer.vocabularySize() - 2;
    long end = tokenizer.vocabularySize() - 1;
    assertEquals(16, tokenizer.maxLength());
    assertEquals(end, tokenizer.endId());
    assertArrayEquals(new long[] {begin, end, end, end}, tokenizer.encode("", 4));
    long[] two = tokenizer.encode("Joy  TEARS", 4);
    assertArrayEquals(
        new long[] {begin, tokenizer.encode("joy", 3)[1], tokenizer.encode("tears", 3)[1], end},
        two);
    assertArrayEquals(two, tokenizer.encode("joy tears of face", 4));
    assertTrue(tokenizer.fits("joy tears", 4));
    assertTrue(!tokenizer.fits("joy tears of", 4));
    assertThrows(IllegalArgumentException.class, () -> tokenizer.encode("joy", 1));
  }

  @Test
  void shouldNotDependOnTheOrderOfCaptions() throws IOException {
    ClipVocabulary.build(CAPTIONS).write(folder.resolve("a"), 16);
    List<String> shuffled = new ArrayList<>(CAPTIONS);
    Collections.shuffle(shuffled, new Random(3));
    ClipVocabulary.build(shuffled).write(folder.resolve("b"), 16);
    for (String file : List.of("vocab.json", "merges.txt", "tokenizer_config.json")) {
      assertEquals(
          Files.readString(folder.resolve("a").resolve(file)),
          Files.readString(folder.resolve("b").resolve(file)),
          file);
    }
  }

  /**
   * What transformers relies on: contiguous ids, pieces of every merge present, marks at the end.
   */
  @Test
  void shouldWriteFilesInTheFormOfClip() throws IOException {
    ClipVocabulary vocabulary = ClipVocabulary.build(CAPTIONS);
    vocabulary.write(folder, 16);
    ObjectMapper json = new ObjectMapper();
    JsonNode ids = json.readTree(folder.resolve("vocab.json").toFile());
    int next = 0;
    for (JsonNode id : ids) {
      assertEquals(next++, id.intValue());
    }
    assertEquals(vocabulary.size(), next);
    assertEquals(0, ids.get("!").intValue());
    assertEquals(256, ids.get("!</w>").intValue());
    assertEquals(next - 2, ids.get("<|startoftext|>").intValue());
    assertEquals(next - 1, ids.get("<|endoftext|>").intValue());
    List<String> merges = Files.readAllLines(folder.resolve("merges.txt"));
    assertEquals("#version: 0.2", merges.get(0));
    assertEquals(merges.size(), new HashSet<>(merges).size(), "each merge once");
    for (String merge : merges.subList(1, merges.size())) {
      String[] pair = merge.split(" ");
      assertTrue(ids.has(pair[0]) && ids.has(pair[1]) && ids.has(pair[0] + pair[1]), merge);
    }
    JsonNode config = json.readTree(folder.resolve("tokenizer_config.json").toFile());
    assertEquals(16, config.get("model_max_length").intValue());
    assertEquals("CLIPTokenizer", config.get("tokenizer_class").textValue());
  }

  @Test
  void shouldNameFileAndKeyWhenFilesAreWrong() throws IOException {
    ClipVocabulary.build(CAPTIONS).write(folder, 16);
    String merges = Files.readString(folder.resolve("merges.txt"));
    fails("merges.txt", merges + "nowhere here\n", "nowhere");
    fails("merges.txt", merges + "one\n", "one", "pair");
    Files.writeString(folder.resolve("merges.txt"), merges);
    String config = Files.readString(folder.resolve("tokenizer_config.json"));
    fails("tokenizer_config.json", config.replace(": 16", ": 1"), "model_max_length");
    fails("tokenizer_config.json", config.replace("_max_", "_min_"), "model_max_length", "missing");
    fails(
        "tokenizer_config.json",
        config.replace("pad_token\" : \"<|endoftext|>", "pad_token\" : \"<pad>"),
        "<pad>");
    Files.writeString(folder.resolve("tokenizer_config.json"), config);
    String vocabulary = Files.readString(folder.resolve("vocab.json"));
    fails("vocab.json", vocabulary.replace("\"!\":0", "\"!\":1"), "has the id 1", "each once");
    fails("vocab.json", vocabulary.substring(9), "vocab.json");
    Files.delete(folder.resolve("vocab.json"));
    assertTrue(
        assertThrows(TokenizerException.class, () -> ClipTokenizer.load(folder))
            .getMessage()
            .contains("vocab.json does not exist"));
  }

  private void fails(String file, String content, String... told) throws IOException {
    Files.writeString(folder.resolve(file), content);
    String message =
        assertThrows(TokenizerException.class, () -> ClipTokenizer.load(folder)).getMessage();
    assertTrue(message.contains(folder.toString()), message);
    for (String part : told) {
      assertTrue(message.contains(part), () -> "\"%s\" lacks \"%s\"".formatted(message, part));
    }
  }
}
