package io.atelier.actors.ledger.model;

/**
 * Names bytes that a producer keeps until they are released; small enough for any message.
 *
 * @param node who keeps them
 * @param id number of the blob on that node, never used twice
 * @param length bytes
 * @param crc CRC32C of the bytes as they travel; 0 for a blob that only ever lives in one JVM
 */
public record BlobRef(String node, long id, long length, int crc) {}
