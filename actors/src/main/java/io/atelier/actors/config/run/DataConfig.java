package io.atelier.actors.config.run;

import static io.atelier.actors.config.section.Rules.require;

import io.atelier.actors.config.section.Section;
import io.atelier.reward.verifier.Words;
import java.util.List;

/**
 * Where captions and reference images come from.
 *
 * @param prompts {@code emoji64} for the captions of the embedded pack's training concepts, or a
 *     text file with one caption, or a JSON object with "prompt", on each line
 * @param words only prompts with one of these words, in lower case, are used; all if there are none
 * @param heldOut how many of the prompts are held out from training, or which file has them
 * @param tooLong what is done with a prompt of more tokens than the model reads
 * @param references style of the embedded pack that the policy is pulled towards: {@code 3d},
 *     {@code flat} or {@code noto}; or a folder of images; or a JSON file with the images of each
 *     prompt
 * @param throughVae whether references pass once through the model's autoencoder, so that its blur
 *     does not give generated images away
 */
public record DataConfig(
    String prompts,
    List<String> words,
    HeldOutShare heldOut,
    TooLong tooLong,
    String references,
    boolean throughVae) {

  public DataConfig {
    words = List.copyOf(words);
    for (String word : words) {
      require(
          Words.of(word).equals(List.of(word)),
          "words has \"%s\", must be single words in lower case",
          word);
    }
    require(!prompts.isBlank(), "prompts is empty, must be emoji64 or a text file");
    require(
        !references.isBlank(),
        "references is empty, must be a style, a folder of images or a JSON file");
  }

  public static DataConfig from(Section section) {
    return section.build(
        () ->
            new DataConfig(
                section.path("prompts"),
                section.texts("words"),
                new HeldOutShare(section.pathOrNumber("held-out")),
                section.choice("too-long", TooLong.class),
                section.path("references"),
                section.flag("through-vae")));
  }
}
