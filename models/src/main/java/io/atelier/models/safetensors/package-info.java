/**
 * The safetensors file format: an eight-byte little-endian header length, a JSON header that names
 * every tensor with its type, shape and place, then the tensors' bytes, row-major and
 * little-endian.
 *
 * <p>{@link io.atelier.models.safetensors.TensorSource} is what readers of weights use; a single
 * file ({@link io.atelier.models.safetensors.SafetensorsFile}) and a sharded folder ({@link
 * io.atelier.models.safetensors.SafetensorsIndex}) both are one. Nothing is believed before it is
 * checked: a corrupt or truncated file gives a {@link
 * io.atelier.models.safetensors.SafetensorsException} that names the file, the tensor and the
 * offset.
 */
package io.atelier.models.safetensors;
