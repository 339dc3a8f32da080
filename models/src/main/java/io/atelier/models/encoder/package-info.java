/**
 * Foundation models that judge images. Start at {@link io.atelier.models.encoder.Encoders}, which
 * opens what a configuration names: an embedded network, an ONNX file, or a Vision Transformer as a
 * safetensors file or folder ({@link io.atelier.models.encoder.VitFile}). {@link
 * io.atelier.models.encoder.VitLayout} knows how other programs name the weights, {@code VitFamily}
 * how one kind of network differs from another; {@link io.atelier.models.encoder.VisionTransformer}
 * computes; {@link io.atelier.models.encoder.VitEncoder} gives its tokens as the features that
 * rewards and measures read. A CLIP that judges how an image fits a text is a {@link
 * io.atelier.models.encoder.Clip}; one whose image side learns is cut into a {@link
 * io.atelier.models.encoder.ClipTrunk} and a {@link io.atelier.models.encoder.ClipTail}, beside a
 * {@link io.atelier.models.encoder.ClipTextSide}. The frozen weights of all of these are one copy
 * in a process, whoever uses them ({@link io.atelier.models.tensor.SharedWeights}).
 *
 * <p>Letters of shapes: B images, D channels of a token, R registers, P pixels of an image side.
 */
package io.atelier.models.encoder;
