package io.atelier.tests.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.core.domain.properties.HasParameterTypes.Predicates.rawParameterTypes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.conditions.ArchConditions;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinTask;
import org.junit.jupiter.api.Test;

/**
 * The compute modules run from a plain unit test: no actor system, no transport, no clock and no
 * thread of their own.
 */
class ComputeModulesTest {

  private static final String[] COMPUTE = {
    "io.atelier.models..", "io.atelier.rollout..", "io.atelier.reward..", "io.atelier.learner.."
  };

  private static final Set<String> CLOCKS =
      Set.of(
          "java.time.Clock",
          "java.time.InstantSource",
          "java.util.Timer",
          "java.util.concurrent.TimeUnit");

  private static final Set<String> PARALLEL = Set.of("parallel", "parallelStream");

  @Test
  void shouldSeeAkkaFromActorsOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.atelier.actors..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("akka..", "com.typesafe.config..")
        .check(Production.CLASSES);
  }

  @Test
  void shouldSeeAeronFromTheTransportOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.atelier.actors.transport..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.aeron..", "org.agrona..")
        .check(Production.CLASSES);
  }

  @Test
  void shouldKnowNoClock() {
    noClasses()
        .that()
        .resideInAnyPackage(COMPUTE)
        .should()
        .dependOnClassesThat(named("a clock", CLOCKS))
        .check(Production.CLASSES);
  }

  @Test
  void shouldKnowNoExecutor() {
    noClasses()
        .that()
        .resideInAnyPackage(COMPUTE)
        .should()
        .dependOnClassesThat(
            assignableTo(Executor.class)
                .or(assignableTo(CompletionStage.class))
                .or(assignableTo(ForkJoinTask.class))
                .or(named("the factory of executors", Set.of("java.util.concurrent.Executors"))))
        .check(Production.CLASSES);
  }

  @Test
  void shouldStartNoThread() {
    noClasses()
        .that()
        .resideInAnyPackage(COMPUTE)
        .should(ArchConditions.accessTargetWhere(startsThread()))
        .check(Production.CLASSES);
  }

  private static DescribedPredicate<JavaClass> named(String what, Set<String> names) {
    return describe(what + " of " + names, type -> names.contains(type.getName()));
  }

  /** A new {@code Thread} or subclass, a virtual thread, or a stream on the common pool. */
  private static DescribedPredicate<JavaAccess<?>> startsThread() {
    return describe(
        "starts a thread",
        access -> {
          JavaClass owner = access.getTargetOwner();
          String name = access.getName();
          boolean makesThread =
              owner.isAssignableTo(Thread.class)
                  && Set.of("<init>", "start", "ofVirtual", "startVirtualThread").contains(name);
          return makesThread || owner.getName().startsWith("java.util.") && PARALLEL.contains(name);
        });
  }

  /** Such an array reads a buffer of the JVM, which is freed while a graph may still need it. */
  @Test
  void shouldMakeNativeArraysOfValuesInOnePackageOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.atelier.models.tensor..")
        .should()
        .callMethodWhere(target(owner(assignableTo(NDManager.class))).and(target(name("create"))))
        .check(Production.CLASSES);
  }

  /** Such a number lies in a buffer of the JVM, too, and no longer than the operation takes. */
  @Test
  void shouldGiveNumbersToOperationsAsNativeArrays() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.atelier.models.tensor..")
        .should()
        .callMethodWhere(
            target(owner(assignableTo(NDArray.class))).and(target(rawParameterTypes(Number.class))))
        .check(Production.CLASSES);
  }
}
