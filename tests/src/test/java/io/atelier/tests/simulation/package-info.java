/**
 * The ledger driven through thousands of random schedules by fake workers that delay, lose, double
 * and reorder messages, die, hang, come back and lie. Everything follows from a printed seed.
 */
package io.atelier.tests.simulation;
