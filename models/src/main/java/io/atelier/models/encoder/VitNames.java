package io.atelier.models.encoder;

import java.util.List;

/**
 * Names of weights in one layout. Those of a linear map or norm are without the final {@code
 * weight} or {@code bias}; those of a block are without the block's prefix.
 */
final class VitNames {

  /**
   * Names within the pooling of patches: the learned query, its attention, and the norm after that.
   */
  static final String PROBE = "probe";

  static final String POOL_QKV = "attention.in_proj_";
  static final String POOL_OUT = "attention.out_proj.";
  static final String POOL_NORM = "layernorm.";

  final String patch;
  final String classToken;
  final String positions;
  final String registers;
  private String blocks;
  String norm1;

  /** One name for the fused map, or those of query, key and value. */
  List<String> qkv;

  /** Names of the biases of query and value, where that of the key may be absent. */
  String queryBias;

  String valueBias;

  String out;
  String norm2;
  String first;
  String second;
  String gatedFirst;
  String gatedSecond;
  String scale1;
  String scale2;
  String normFirst;
  String norm;
  String projection;
  String pool;

  VitNames(String patch, String classToken, String positions, String registers) {
    this.patch = patch;
    this.classToken = classToken;
    this.positions = positions;
    this.registers = registers;
  }

  VitNames blocks(String blocks, String norm1, String out, String norm2, String... qkv) {
    this.blocks = blocks;
    this.norm1 = norm1;
    this.out = out;
    this.norm2 = norm2;
    this.qkv = List.of(qkv);
    return this;
  }

  VitNames biases(String query, String value) {
    this.queryBias = query;
    this.valueBias = value;
    return this;
  }

  VitNames inner(String first, String second, String gatedFirst, String gatedSecond) {
    this.first = first;
    this.second = second;
    this.gatedFirst = gatedFirst;
    this.gatedSecond = gatedSecond;
    return this;
  }

  VitNames ends(String normFirst, String norm, String projection) {
    this.normFirst = normFirst;
    this.norm = norm;
    this.projection = projection;
    return this;
  }

  /** Prefix of the attention that pools the patches into one vector, instead of a class token. */
  VitNames pool(String pool) {
    this.pool = pool;
    return this;
  }

  VitNames scales(String scale1, String scale2) {
    this.scale1 = scale1;
    this.scale2 = scale2;
    return this;
  }

  String block(int index) {
    return blocks + index + ".";
  }

  String first(boolean gated) {
    return gated ? gatedFirst : first;
  }

  String second(boolean gated) {
    return gated ? gatedSecond : second;
  }
}
