package io.atelier.models.assets;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The drawing styles of the pack, each with the same concepts. */
public enum EmojiStyle {
  /** Microsoft Fluent Emoji, flat vector drawings; MIT. */
  FLAT("flat", "fluentflat-64.u8.gz"),
  /** Microsoft Fluent Emoji, rendered in three dimensions; MIT. */
  THREE_D("3d", "fluent3d-64.u8.gz"),
  /** Google Noto Emoji; Apache-2.0. */
  NOTO("noto", "noto-64.u8.gz");

  private final String key;
  private final String resource;

  EmojiStyle(String key, String resource) {
    this.key = key;
    this.resource = resource;
  }

  /** The style's name in configuration: {@code flat}, {@code 3d} or {@code noto}. */
  public String key() {
    return key;
  }

  String resource() {
    return resource;
  }

  /** The style whose {@link #key} is {@code key}. */
  public static EmojiStyle of(String key) {
    for (EmojiStyle style : values()) {
      if (style.key.equals(key)) {
        return style;
      }
    }
    throw new IllegalArgumentException(
        "unknown emoji style \"%s\"; use one of %s"
            .formatted(
                key,
                Arrays.stream(values()).map(EmojiStyle::key).collect(Collectors.joining(", "))));
  }
}
