package io.atelier.reward.adversarial;

import io.atelier.reward.metrics.Correlation;
import java.util.Map;

/**
 * Measurements of a residual against its prior, from the prior's terms p and the logits g of
 * references and generated images.
 *
 * @param priorReference mean p of references
 * @param priorGenerated mean p of generated images
 * @param reference mean g of references
 * @param generated mean g of generated images
 * @param correlation Pearson correlation of p and g over the generated images, -1 to 1: near -1 the
 *     residual cancels the prior. NaN if p or g is constant
 * @param disagrees share of the pairs, reference i with generated image i, in which the prior alone
 *     does not score the reference higher
 */
record ResidualReport(
    double priorReference,
    double priorGenerated,
    double reference,
    double generated,
    double correlation,
    double disagrees) {

  /** Measures two sides of at least one image each; the pairs wrap around on the smaller side. */
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
