/**
 * The safetensors file format: an eight-byte little-endian header length, a JSON header that names
 * every tensor with its type, shape and offsets, then the tensors' bytes, row-major and
 * little-endian.
 *
 * <p>{@link io.atelier.models.safetensors.TensorSource} is the interface for readers of weights; a
 * single file ({@link io.atelier.models.safetensors.SafetensorsFile}) and a sharded folder ({@link
 * io.atelier.models.safetensors.SafetensorsIndex}) both implement it. Everything is validated
 * before use: a corrupt or truncated file gives a {@link
 * io.atelier.models.safetensors.SafetensorsException} that names the file, the tensor and the
 * offset.
 */
package io.atelier.models.safetensors;
