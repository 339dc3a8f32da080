package io.atelier.tests.cluster;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.ClassType;
import com.sun.jdi.ObjectCollectedException;
import com.sun.jdi.ObjectReference;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.ThreadReference;
import com.sun.jdi.VMDisconnectedException;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.request.BreakpointRequest;
import com.sun.jdi.request.EventRequest;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Has a method of another JVM throw whenever it is called, as a debugger does it: what runs there
 * is the program as it is shipped.
 */
final class Saboteur {

  private final VirtualMachine jvm;
  private final String error;
  private final AtomicInteger thrown = new AtomicInteger();
  private volatile Exception failure;

  private Saboteur(VirtualMachine jvm, String error) {
    this.jvm = jvm;
    this.error = error;
  }

  /** Option of a JVM that lets itself be sabotaged at a port. */
  static String option(int port) {
    return "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:" + port;
  }

  /**
   * Waits for the JVM and the class, and begins.
   *
   * @param port of {@link #option}
   * @param error message of what is thrown
   */
  static Saboteur of(int port, String type, String method, String error) throws Exception {
    VirtualMachine jvm = Admin.await("a JVM at " + port, () -> attach(port), found -> true);
    Saboteur saboteur = new Saboteur(jvm, error);
    ReferenceType loaded =
        Admin.await(type, () -> jvm.classesByName(type), found -> !found.isEmpty()).get(0);
    BreakpointRequest request =
        jvm.eventRequestManager()
            .createBreakpointRequest(loaded.methodsByName(method).get(0).location());
    request.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
    request.enable();
    Thread thread = new Thread(saboteur::watch, "saboteur");
    thread.setDaemon(true);
    thread.start();
    return saboteur;
  }

  private static VirtualMachine attach(int port) throws IOException {
    AttachingConnector connector =
        Bootstrap.virtualMachineManager().attachingConnectors().stream()
            .filter(c -> c.transport().name().equals("dt_socket"))
            .findFirst()
            .orElseThrow();
    Map<String, Connector.Argument> arguments = connector.defaultArguments();
    arguments.get("hostname").setValue("127.0.0.1");
    arguments.get("port").setValue(Integer.toString(port));
    try {
      return connector.attach(arguments);
    } catch (com.sun.jdi.connect.IllegalConnectorArgumentsException e) {
      throw new IllegalStateException(e);
    }
  }

  private void watch() {
    try {
      while (true) {
        EventSet events = jvm.eventQueue().remove();
        for (Event event : events) {
          if (event instanceof BreakpointEvent called) {
            sabotage(called.thread());
          }
        }
        events.resume();
      }
    } catch (VMDisconnectedException | InterruptedException e) {
      // its JVM has ended
    } catch (Exception e) {
      failure = e;
    }
  }

  private void sabotage(ThreadReference thread) throws Exception {
    while (true) {
      try {
        stop(thread);
        thrown.incrementAndGet();
        return;
      } catch (ObjectCollectedException e) {
        // nothing in its JVM holds what is made for it until it is thrown: once more
      }
    }
  }

  private void stop(ThreadReference thread) throws Exception {
    ClassType type = (ClassType) jvm.classesByName("java.lang.RuntimeException").get(0);
    ObjectReference exception =
        type.newInstance(
            thread,
            type.concreteMethodByName("<init>", "(Ljava/lang/String;)V"),
            List.of(jvm.mirrorOf(error)),
            ClassType.INVOKE_SINGLE_THREADED);
    thread.stop(exception);
  }

  /** Times that the method has thrown. */
  int thrown() {
    return thrown.get();
  }

  @Override
  public String toString() {
    return "thrown %d times%s".formatted(thrown.get(), failure == null ? "" : ", then " + failure);
  }
}
