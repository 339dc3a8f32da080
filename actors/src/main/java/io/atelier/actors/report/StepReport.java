package io.atelier.actors.report;

import io.atelier.actors.ledger.model.Counts;
import java.util.Map;
import java.util.SortedMap;

/**
 * The result of one step.
 *
 * @param step the step, from 0
 * @param policyVersion policy version it produced: {@code step + 1}
 * @param policyHash content hash of that version
 * @param criticVersion critic version it produced; 0 without a critic
 * @param criticHash content hash of that version
 * @param metrics measurements by name: {@code policy/…} and {@code critic/…} from the learners,
 *     {@code reward/total}, {@code reward/<part>} means over the images, {@code
 *     reward/zero-variance} share of groups whose images all have the same reward, {@code
 *     reward/replaced-groups} groups that were replaced for that, if any, {@code critic/agreement}
 *     mean correlation of several critics within groups, {@code graph/<name>} means of the named
 *     nodes of a reward graph, {@code load/<role>} share of the workers' time spent loading new
 *     weights
 * @param lags groups by staleness: step minus the policy version that sampled them
 * @param idle share of the time since the previous step, 0..1, in which the workers of a role
 *     ({@code rollout}, {@code reward}, {@code critic}, {@code policy}) computed nothing
 * @param counts the ledger after the step
 * @param images images trained on in this step
 * @param seconds time since the previous step, or since the start
 */
public record StepReport(
    int step,
    long policyVersion,
    String policyHash,
    long criticVersion,
    String criticHash,
    Map<String, Double> metrics,
    SortedMap<Integer, Integer> lags,
    Map<String, Double> idle,
    Counts counts,
    int images,
    double seconds) {}
