package io.atelier.models.encoder;

import io.atelier.models.vision.Filter;
import io.atelier.models.vision.Preprocess;

/** Kinds of Vision Transformer, independent of the program that wrote their files. */
enum VitFamily {
  /** Oquab et al. 2023, with and without registers. */
  DINOV2,
  /** Siméoni et al. 2025: positions are encoded by rotating queries and keys, not by a table. */
  DINOV3,
  /** The image side of CLIP (Radford et al. 2021). */
  CLIP,
  /**
   * The image side of SigLIP (Zhai et al. 2023): no class token, an attention pools the patches.
   */
  SIGLIP;

  boolean hasClassToken() {
    return this != SIGLIP;
  }

  /** Whether each position has a learned vector that is added to its patch. */
  boolean hasTable() {
    return this != DINOV3;
  }

  boolean hasPatchBias() {
    return this != CLIP;
  }

  /** Whether tokens are normalised before the first block. */
  boolean normFirst() {
    return this == CLIP;
  }

  /** Whether a block scales its residual branches by a learned vector. */
  boolean layerScale() {
    return this == DINOV2 || this == DINOV3;
  }

  /** Whether it was trained with a text side, which also determines shapes in its files. */
  boolean isOfTexts() {
    return this == CLIP || this == SIGLIP;
  }

  /** How images of any size are resized to {@code pixels} rows and columns and normalised. */
  Preprocess preprocess(int pixels) {
    return switch (this) {
      case DINOV2, DINOV3 -> Preprocess.dino(pixels);
      case CLIP -> Preprocess.clip(pixels);
      case SIGLIP -> Preprocess.signed(pixels, Filter.BICUBIC);
    };
  }
}
