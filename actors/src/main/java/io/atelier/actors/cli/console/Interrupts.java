package io.atelier.actors.cli.console;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import org.slf4j.LoggerFactory;

/** Lets a command end in its own way on Ctrl-C, on {@code kill} and when its terminal is closed. */
public final class Interrupts {

  private Interrupts() {}

  /** Calls {@code handler} once at the end of standard input, whose content is ignored. */
  public static void atEndOfInput(Runnable handler) {
    Thread reader =
        new Thread(
            () -> {
              try {
                System.in.transferTo(OutputStream.nullOutputStream());
              } catch (IOException e) {
                LoggerFactory.getLogger(Interrupts.class)
                    .warn("standard input broke, which counts as its end", e);
              }
              handler.run();
            },
            "end-of-input");
    reader.setDaemon(true);
    reader.start();
  }

  /**
   * Calls {@code handler} on SIGINT, SIGTERM and SIGHUP in place of ending the JVM; the JVM leaves
   * alone signals that its parent ignores, as under {@code nohup}. {@code sun.misc.Signal} is
   * reached by reflection: the JDK exports it and has nothing else for this, but compiling against
   * it gives a warning that cannot be suppressed.
   */
  public static void handle(Runnable handler) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> receiver = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              Interrupts.class.getClassLoader(),
              new Class<?>[] {receiver},
              (self, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  handler.run();
                }
                return method.getName().equals("hashCode") ? (Object) 0 : null;
              });
      for (String name : new String[] {"INT", "TERM", "HUP"}) {
        signal
            .getMethod("handle", signal, receiver)
            .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
      }
    } catch (ReflectiveOperationException e) {
      LoggerFactory.getLogger(Interrupts.class)
          .warn("this JVM cannot handle signals; Ctrl-C ends the run without a checkpoint", e);
    }
  }
}
