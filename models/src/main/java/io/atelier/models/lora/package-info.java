/**
 * Low-rank adapters (LoRA, Hu et al. 2021) of the diffusion transformer as files. Written in the
 * layouts of PEFT and of diffusers; read in those and in the naming of kohya, OneTrainer and
 * ComfyUI.
 */
package io.atelier.models.lora;
