/**
 * Foundation models that judge images. Start at {@link io.atelier.models.encoder.Encoders}, which
 * opens the encoder that a configuration names: an embedded network, an ONNX file, or a Vision
 * Transformer as a safetensors file or folder ({@link io.atelier.models.encoder.VitFile}). {@link
 * io.atelier.models.encoder.VitLayout} holds the weight names of other programs, {@code VitFamily}
 * the differences between kinds of networks; {@link io.atelier.models.encoder.VisionTransformer}
 * computes; {@link io.atelier.models.encoder.VitEncoder} gives its tokens as the features that
 * rewards and measures read. A CLIP that scores how well an image fits a text is a {@link
 * io.atelier.models.encoder.Clip}; one whose image side is trained is split into a {@link
 * io.atelier.models.encoder.ClipTrunk} and a {@link io.atelier.models.encoder.ClipTail}, and a
 * {@link io.atelier.models.encoder.ClipTextSide}. The frozen weights of all of these exist once per
 * process ({@link io.atelier.models.tensor.SharedWeights}).
 *
 * <p>Letters of shapes: B images, D channels of a token, R registers, P pixels of an image side.
 */
package io.atelier.models.encoder;
