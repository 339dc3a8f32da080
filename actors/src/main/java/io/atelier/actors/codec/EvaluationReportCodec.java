package io.atelier.actors.codec;

import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.transport.Codec;
import io.atelier.actors.transport.wire.WireReader;
import io.atelier.actors.transport.wire.WireWriter;
import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Format, step, hash and time, then the measurements in their order, the images and their prompts.
 */
final class EvaluationReportCodec implements Codec<EvaluationReport> {
  private static final byte FORMAT = 1;
  private static final int MAX_NAME_BYTES = 1 << 10;

  @Override
  public long length(EvaluationReport report) {
    EvaluationReport.Result result = report.result();
    long length = 1L + Integer.BYTES + WireWriter.length(report.policyHash()) + Double.BYTES;
    length += Integer.BYTES;
    for (String name : result.metrics().keySet()) {
      length += WireWriter.length(name) + Double.BYTES;
    }
    length += DrawnGroupCodec.length(result.images());
    for (Prompt prompt : result.prompts()) {
      length += GroupFields.promptLength(prompt);
    }
    return length;
  }

  @Override
  public void encode(EvaluationReport report, ByteBuffer into) {
    EvaluationReport.Result result = report.result();
    into.put(FORMAT).putInt(report.step());
    WireWriter.text(into, report.policyHash());
    into.putDouble(report.seconds()).putInt(result.metrics().size());
    result
        .metrics()
        .forEach(
            (name, value) -> {
              WireWriter.text(into, name);
              into.putDouble(value);
            });
    DrawnGroupCodec.put(into, result.images());
    for (Prompt prompt : result.prompts()) {
      GroupFields.putPrompt(into, prompt);
    }
  }

  @Override
  public EvaluationReport decode(ByteBuffer from) {
    WireReader reader = new WireReader(from, "evaluation");
    reader.format(FORMAT);
    int step = reader.integer();
    String hash = reader.text(GroupFields.MAX_HASH_BYTES);
    double seconds = Double.longBitsToDouble(reader.whole());
    Map<String, Double> metrics = new LinkedHashMap<>();
    int count = reader.count(Integer.BYTES + Double.BYTES);
    for (int i = 0; i < count; i++) {
      String name = reader.text(MAX_NAME_BYTES);
      if (metrics.put(name, Double.longBitsToDouble(reader.whole())) != null) {
        throw reader.malformed("\"%s\" measured twice".formatted(name));
      }
    }
    Images images = DrawnGroupCodec.images(reader);
    List<Prompt> prompts = new ArrayList<>();
    for (int i = 0; i < images.count(); i++) { // one for each image
      prompts.add(GroupFields.readPrompt(reader));
    }
    reader.end();
    return new EvaluationReport(
        step, hash, new EvaluationReport.Result(metrics, images, prompts), seconds);
  }
}
