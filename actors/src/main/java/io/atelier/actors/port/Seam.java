package io.atelier.actors.port;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names a place that may make a call which {@code .mvn/forbidden.txt} forbids everywhere else:
 * reading the clock, waiting, drawing without a seed. It lives in this module, so the compute
 * modules cannot have one.
 */
@Retention(RetentionPolicy.CLASS)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.CONSTRUCTOR})
public @interface Seam {

  /** Why this place needs the call. */
  String value();
}
