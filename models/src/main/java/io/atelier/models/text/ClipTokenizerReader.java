package io.atelier.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.files.Contents;
import io.atelier.models.files.JsonFile;
import io.atelier.models.text.TokenizerFiles.AddedToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Reads the two forms of a CLIP tokenizer folder. */
final class ClipTokenizerReader {

  private static final String ADDED = "added_tokens_decoder";

  private ClipTokenizerReader() {}

  /**
   * Reads {@code folder}: {@code tokenizer.json} if it exists, otherwise {@code vocab.json} and
   * {@code merges.txt}; and {@code tokenizer_config.json} for length and padding.
   */
  static ClipTokenizer read(Path folder) {
    return Files.exists(folder.resolve(TokenizerFiles.TOKENIZER))
        ? fromTokenizerJson(folder)
        : fromVocabulary(folder);
  }

  /** Reads {@code tokenizer.json} and {@code tokenizer_config.json}. */
  private static ClipTokenizer fromTokenizerJson(Path folder) {
    Path file = folder.resolve(TokenizerFiles.TOKENIZER);
    JsonFile tokenizer = TokenizerFiles.read(file);
    JsonNode model = tokenizer.get("model");
    String suffix = model.path("end_of_word_suffix").asText();
    boolean splitsLikeClip =
        tokenizer.get("pre_tokenizer").findValuesAsText("Regex").equals(List.of(ClipText.WORD));
    if (!suffix.equals(ClipText.END_OF_WORD) || !splitsLikeClip) {
      throw new TokenizerException(
          ("%s is not the tokenizer of a CLIP model: \"end_of_word_suffix\" is \"%s\" and the words"
                  + " are %s, where CLIP has \"%s\" and %s")
              .formatted(
                  file,
                  suffix,
                  tokenizer.get("pre_tokenizer").findValuesAsText("Regex"),
                  ClipText.END_OF_WORD,
                  ClipText.WORD));
    }
    List<String> normalizers = tokenizer.get("normalizer").findValuesAsText("type");
    if (!normalizers.equals(List.of("Sequence", "NFC", "Replace", "Lowercase"))) {
      throw tokenizer.wrong("normalizer", "is not that of CLIP: NFC, Replace, Lowercase");
    }
    for (String key : List.of("dropout", "fuse_unk", "byte_fallback", "ignore_merges")) {
      if (model.path(key).asBoolean() || model.path(key).asDouble() != 0) {
        throw tokenizer.wrong("model", "has \"%s\", which is not supported".formatted(key));
      }
    }
    List<String[]> merges = new ArrayList<>();
    for (JsonNode merge : model.path("merges")) {
      merges.add(
          merge.isArray()
              ? new String[] {merge.path(0).asText(), merge.path(1).asText()}
              : merge.asText().split(" ", -1));
    }
    return create(
        folder,
        pairs(file, model.path("vocab"), file, merges),
        TokenizerFiles.addedTokens(tokenizer));
  }

  /** Reads {@code vocab.json}, {@code merges.txt} and {@code tokenizer_config.json}. */
  private static ClipTokenizer fromVocabulary(Path folder) {
    Path vocabulary = folder.resolve(ClipTokenizer.VOCABULARY);
    Path mergesFile = folder.resolve(ClipTokenizer.MERGES);
    List<String[]> merges = new ArrayList<>();
    try {
      Contents.requireNoPipe(mergesFile);
      for (String line : Files.readAllLines(mergesFile)) {
        if (!line.startsWith("#version") && !line.isEmpty()) {
          merges.add(line.split(" ", -1));
        }
      }
    } catch (IOException e) {
      throw new TokenizerException(
          "%s cannot be read: %s".formatted(mergesFile, Contents.reason(e)), e);
    }
    JsonFile vocabularyFile = TokenizerFiles.read(vocabulary);
    if (Files.exists(folder.resolve("added_tokens.json")) && !config(folder).has(ADDED)) {
      throw new TokenizerException(
          "%s has added_tokens.json, which is not read, and no \"%s\" in tokenizer_config.json; save the tokenizer again by a newer transformers"
              .formatted(folder, ADDED));
    }
    return create(
        folder,
        pairs(vocabulary, vocabularyFile.object(), mergesFile, merges),
        TokenizerFiles.addedTokensById(config(folder)));
  }

  private static JsonFile config(Path folder) {
    return TokenizerFiles.config(folder, "CLIPTokenizer", "CLIPTokenizerFast");
  }

  private static BytePairs pairs(
      Path file, JsonNode vocabulary, Path mergesFile, List<String[]> merges) {
    String[] pieces = new String[vocabulary.size()];
    for (Map.Entry<String, JsonNode> entry : vocabulary.properties()) {
      int id = entry.getValue().asInt(-1);
      if (id < 0 || id >= pieces.length || pieces[id] != null) {
        throw new TokenizerException(
            "%s: piece \"%s\" has the id %s; the %d pieces need the ids 0 to %d, each once"
                .formatted(
                    file, entry.getKey(), entry.getValue(), pieces.length, pieces.length - 1));
      }
      pieces[id] = entry.getKey();
    }
    BytePairs pairs = new BytePairs();
    Arrays.stream(pieces).forEach(pairs::add);
    for (String[] merge : merges) {
      if (merge.length != 2) {
        throw new TokenizerException(
            "%s: the merge \"%s\" is not a pair".formatted(mergesFile, String.join(" ", merge)));
      }
      try {
        pairs.join(merge[0], merge[1]);
      } catch (IllegalArgumentException e) {
        throw new TokenizerException(
            "%s: the merge \"%s %s\" cannot be made: %s"
                .formatted(mergesFile, merge[0], merge[1], e.getMessage()),
            e);
      }
    }
    return pairs;
  }

  private static ClipTokenizer create(Path folder, BytePairs pairs, List<AddedToken> listed) {
    Path file = folder.resolve(TokenizerFiles.CONFIG);
    JsonFile config = config(folder);
    List<AddedToken> added = new ArrayList<>(listed);
    for (AddedToken token : added) {
      if (!token.flags().isEmpty()) {
        throw new TokenizerException(
            "%s: token \"%s\" has \"%s\" set, which is not supported"
                .formatted(folder, token.content(), token.flags().get(0)));
      }
    }
    added.sort(Comparator.comparingInt(AddedToken::id));
    for (AddedToken token : added) {
      if (pairs.add(token.content()) != token.id()) {
        throw new TokenizerException(
            "%s: the added token \"%s\" has the id %d, but the vocabulary gives it %d"
                .formatted(folder, token.content(), token.id(), pairs.add(token.content())));
      }
    }
    String end = TokenizerFiles.special(folder, config, "eos_token").orElse(ClipTokenizer.END);
    List<Integer> ids = new ArrayList<>();
    for (String token :
        List.of(
            TokenizerFiles.special(folder, config, "bos_token").orElse(ClipTokenizer.BEGIN),
            end,
            TokenizerFiles.special(folder, config, "unk_token").orElse(end),
            TokenizerFiles.special(folder, config, "pad_token").orElse(end))) {
      if (pairs.id(token).isEmpty()) {
        throw new TokenizerException(
            "%s: the special token \"%s\" is not in the vocabulary of %d pieces"
                .formatted(file, token, pairs.size()));
      }
      ids.add(pairs.id(token).get());
      if (added.stream().noneMatch(known -> known.content().equals(token))) {
        added.add(new AddedToken(pairs.id(token).get(), token, false, true, List.of()));
      }
    }
    return new ClipTokenizer(pairs, added, ids, TokenizerFiles.maxLength(config));
  }
}
