package io.atelier.models.lora;

/** The layout of an adapter in a folder. */
public enum LoraLayout {

  /**
   * {@code adapter_model.safetensors} and {@code adapter_config.json}, which holds rank and alpha.
   */
  PEFT,

  /**
   * {@code pytorch_lora_weights.safetensors} with alpha/rank multiplied into B, since readers
   * assume scale 1 for such a file. Every version of diffusers loads it.
   */
  DIFFUSERS,

  /**
   * {@code pytorch_lora_weights.safetensors} with rank and alpha in the header. Versions of
   * diffusers that do not know this header silently assume scale 1.
   */
  DIFFUSERS_METADATA
}
