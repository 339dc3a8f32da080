package io.atelier.models.optim;

/**
 * What an update of {@link Adam} multiplies by, the same for all elements.
 *
 * @param fresh1 what the first moment takes of the gradient, {@code 1 - beta1}
 * @param fresh2 what the second moment takes of its square, {@code 1 - beta2}
 * @param kept what stays of a weight
 * @param pace learning rate over the correction of the first moment
 * @param root root of the correction of the second moment
 */
record AdamRates(
    double fresh1, double fresh2, double kept, double pace, double root, double epsilon) {

  /**
   * @param update the update, from 1
   * @param rateFactor multiplies the configured learning rate
   */
  static AdamRates of(AdamConfig config, int update, double rateFactor) {
    double rate = config.learningRate() * rateFactor;
    return new AdamRates(
        1 - config.beta1(),
        1 - config.beta2(),
        1 - rate * config.weightDecay(),
        rate / (1 - StrictMath.pow(config.beta1(), update)),
        Math.sqrt(1 - StrictMath.pow(config.beta2(), update)),
        config.epsilon());
  }
}
