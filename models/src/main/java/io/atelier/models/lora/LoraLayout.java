package io.atelier.models.lora;

/** How an adapter lies in a folder. */
public enum LoraLayout {

  /**
   * {@code adapter_model.safetensors} and {@code adapter_config.json}, which holds rank and alpha.
   */
  PEFT,

  /**
   * {@code pytorch_lora_weights.safetensors} with alpha/rank multiplied into B, since readers take
   * the scale of such a file to be 1. Every version of diffusers loads it.
   */
  DIFFUSERS,

  /**
   * {@code pytorch_lora_weights.safetensors} with rank and alpha in the header. Versions of
   * diffusers that do not know this header silently take the scale to be 1.
   */
  DIFFUSERS_METADATA
}
