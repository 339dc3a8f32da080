package io.atelier.tests.toy;

import io.atelier.actors.port.Evaluation;
import io.atelier.actors.report.EvaluationReport;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;
import java.util.List;
import java.util.Map;

/** An evaluation that depends on every bit of the policy. */
public class ToyEvaluation implements Evaluation {

  @Override
  public EvaluationReport.Result evaluate(int step, NamedTensors policy) {
    Bits bits = new Bits(8).add(policy);
    return new EvaluationReport.Result(
        Map.of("held-out", (double) bits.nextFloat()),
        new Images(1, 2, 2, bits.bytes(12)),
        List.of(new Prompt(0, "a toy")));
  }

  @Override
  public void close() {}
}
