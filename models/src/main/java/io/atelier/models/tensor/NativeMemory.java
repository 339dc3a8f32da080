package io.atelier.models.tensor;

import java.lang.management.ManagementFactory;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.ObjectName;
import javax.management.ReflectionException;

/** What the C library's allocator keeps of memory that was freed. */
public final class NativeMemory {

  private static final String COMMANDS = "com.sun.management:type=DiagnosticCommand";

  private NativeMemory() {}

  /**
   * Gives freed memory back to the system. The allocator of glibc keeps it otherwise, for each
   * thread that allocated some: gigabytes, where a network of a billion weights is computed block
   * by block. Takes milliseconds, and longer the more there is. Does nothing on a JVM or a system
   * that has no such operation.
   */
  public static void trim() {
    try {
      ManagementFactory.getPlatformMBeanServer()
          .invoke(new ObjectName(COMMANDS), "systemTrimNativeHeap", null, null);
    } catch (InstanceNotFoundException | ReflectionException e) {
      // not offered here: memory stays with the allocator, which uses it again
      return;
    } catch (JMException e) {
      throw new IllegalStateException("the JVM cannot trim its native heap", e);
    }
  }
}
