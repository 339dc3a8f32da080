package io.atelier.tests.architecture;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import org.junit.jupiter.api.Test;

/** Which module may use which, and that packages use each other in one direction only. */
class ModuleArrowsTest {

  @Test
  void shouldUseModulesInOneDirection() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("models")
        .definedBy("io.atelier.models..")
        .layer("rollout")
        .definedBy("io.atelier.rollout..")
        .layer("reward")
        .definedBy("io.atelier.reward..")
        .layer("learner")
        .definedBy("io.atelier.learner..")
        .layer("actors")
        .definedBy("io.atelier.actors..")
        .whereLayer("models")
        .mayNotAccessAnyLayer()
        .whereLayer("rollout")
        .mayOnlyAccessLayers("models")
        .whereLayer("reward")
        .mayOnlyAccessLayers("models", "rollout")
        .whereLayer("learner")
        .mayOnlyAccessLayers("models", "rollout")
        .whereLayer("actors")
        .mayOnlyAccessLayers("models", "rollout", "reward", "learner")
        .ensureAllClassesAreContainedInArchitecture()
        .check(Production.CLASSES);
  }

  @Test
  void shouldHaveNoPackageCycles() {
    slices().matching("io.atelier.(**)").should().beFreeOfCycles().check(Production.CLASSES);
  }
}
