/**
 * Networks of the Stable Diffusion 3 family, frozen vision encoders, tokenizers, safetensors, LoRA
 * and optimizers.
 */
package io.atelier.models;
