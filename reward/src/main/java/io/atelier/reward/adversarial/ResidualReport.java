package io.atelier.reward.adversarial;

import io.atelier.reward.metrics.Correlation;
import java.util.Map;

/**
 * What a residual adds to its prior, from the terms p of the prior and the logits g of references
 * and generated images.
 *
 * @param priorReference mean p of references
 * @param priorGenerated the same of generated images
 * @param reference mean g of references
 * @param generated the same of generated images
 * @param correlation Pearson's, of p and g over the generated images, -1 to 1: near -1 the residual
 *     takes back what the prior gives. NaN where one of them is the same for all
 * @param disagrees share of the pairs, reference i with generated image i, whose reference the
 *     prior alone does not score higher
 */
record ResidualReport(
    double priorReference,
    double priorGenerated,
    double reference,
    double generated,
    double correlation,
    double disagrees) {

  /** Both sides have at least one image; the smaller one begins again for the last pairs. */
  static ResidualReport of(ResidualLoss.Side reference, ResidualLoss.Side generated) {
    int pairs = Math.max(reference.prior().length, generated.prior().length);
    int disagreeing = 0;
    for (int i = 0; i < pairs; i++) {
      disagreeing += ResidualLoss.agrees(reference.prior(), generated.prior(), i) ? 0 : 1;
    }
    return new ResidualReport(
        mean(reference.prior()),
        mean(generated.prior()),
        mean(reference.logits()),
        mean(generated.logits()),
        Correlation.pearson(generated.prior(), generated.logits()).orElse(Double.NaN),
        (double) disagreeing / pairs);
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  void addTo(Map<String, Double> report) {
    report.put("critic/prior-reference", priorReference);
    report.put("critic/prior-generated", priorGenerated);
    report.put("critic/residual-reference", reference);
    report.put("critic/residual-generated", generated);
    report.put("critic/prior-correlation", correlation);
    report.put("critic/prior-disagrees", disagrees);
  }
}
