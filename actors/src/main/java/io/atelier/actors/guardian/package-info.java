/**
 * The actors of one run, put together: {@link io.atelier.actors.guardian.Run} starts conductor,
 * learners, pools and, in one JVM, workers, from a {@link io.atelier.actors.guardian.RunSetup}, and
 * tells the {@link io.atelier.actors.port.RunListener} what comes of it.
 */
package io.atelier.actors.guardian;
