package io.atelier.models.optim;

/**
 * Factors of an update of {@link Adam}, the same for all elements.
 *
 * @param fresh1 weight of the gradient in the first moment, {@code 1 - beta1}
 * @param fresh2 weight of its square in the second moment, {@code 1 - beta2}
 * @param kept factor of a weight after decay
 * @param pace learning rate over the bias correction of the first moment
 * @param root square root of the bias correction of the second moment
 */
record AdamRates(
    double fresh1, double fresh2, double kept, double pace, double root, double epsilon) {

  /**
   * @param update number of the update, from 1
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
