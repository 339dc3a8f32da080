/**
 * Low-rank adapters (LoRA, Hu et al. 2021) of the diffusion transformer as files, in the layouts of
 * PEFT and of diffusers.
 */
package io.atelier.models.lora;
