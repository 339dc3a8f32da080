/**
 * The reward for legible text: {@link io.atelier.reward.ocr.OcrReward} reads images, {@link
 * io.atelier.reward.ocr.OcrTarget} scores what was read.
 */
package io.atelier.reward.ocr;
