/**
 * Frozen rewards on a CLIP: how well an image fits its prompt ({@link
 * io.atelier.reward.clip.TextImageReward}), and its look ({@link
 * io.atelier.reward.clip.AestheticReward}).
 */
package io.atelier.reward.clip;
