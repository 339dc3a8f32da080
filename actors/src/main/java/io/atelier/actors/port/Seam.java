package io.atelier.actors.port;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a place that may make a call that {@code .mvn/forbidden.txt} forbids everywhere else:
 * reading the clock, waiting, random numbers without a seed. It is in this module, so the compute
 * modules cannot use it.
 */
@Retention(RetentionPolicy.CLASS)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.CONSTRUCTOR})
public @interface Seam {

  /** Why this place needs the call. */
  String value();
}
