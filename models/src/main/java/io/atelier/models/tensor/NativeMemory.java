package io.atelier.models.tensor;

import java.lang.management.ManagementFactory;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.ObjectName;
import javax.management.ReflectionException;

/** Freed memory that the C library's allocator retains. */
public final class NativeMemory {

  private static final String COMMANDS = "com.sun.management:type=DiagnosticCommand";

  private NativeMemory() {}

  /**
   * Returns freed memory to the system. Otherwise the allocator of glibc retains it, for each
   * thread that allocated some: gigabytes, if a network of a billion weights is computed block by
   * block. Takes milliseconds, more for more memory. Does nothing on a JVM or system without this
   * operation.
   */
  public static void trim() {
    try {
      ManagementFactory.getPlatformMBeanServer()
          .invoke(new ObjectName(COMMANDS), "systemTrimNativeHeap", null, null);
    } catch (InstanceNotFoundException | ReflectionException e) {
      // not available: the memory stays with the allocator, which reuses it
      return;
    } catch (JMException e) {
      throw new IllegalStateException("the JVM cannot trim its native heap", e);
    }
  }
}
