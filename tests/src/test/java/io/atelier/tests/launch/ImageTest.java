package io.atelier.tests.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The image of cluster-conf/container, built of an archive of this checkout and started, where
 * there are buildah and, in its storage, the base image.
 */
@Timeout(3600)
@EnabledIfSystemProperty(named = "atelier.long", matches = "true", disabledReason = "long")
class ImageTest {

  private static final String BASE =
      System.getProperty("atelier.image.base", "docker.io/library/debian:12-slim");
  private static final String ATELIER = "/opt/atelier/atelier";

  @TempDir Path folder;

  private static Script.Result buildah(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("buildah"));
    command.addAll(List.of(arguments));
    return Script.run(
        Map.of("BUILDAH_ISOLATION", "chroot"),
        command.toArray(String[]::new)); // root needs no more
  }

  private static String done(String... arguments) throws Exception {
    Script.Result result = buildah(arguments);
    assertEquals(0, result.code(), result::output);
    return result.output().strip();
  }

  private static boolean hasBase() throws Exception {
    try {
      return buildah("inspect", "--type", "image", BASE).code() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void shouldTrainInAnImage() throws Exception {
    assumeTrue(hasBase(), "there is no buildah, or it has no image " + BASE);
    String dist = folder.resolve("dist").toString();
    String archive = Launchers.file("bin/archive").toString();
    Script.Result archived = Script.run(Map.of(), archive, "--runtime", "--out", dist);
    assumeTrue(
        !archived.output().contains("the Java of this JDK takes"), archived.output()); // by design
    assertEquals(0, archived.code(), archived::output);
    String image = "atelier-test-" + ProcessHandle.current().pid();
    String containerfile = Launchers.file("container/Containerfile").toString();
    done(
        "build",
        "--pull-never",
        "--build-arg",
        "BASE=" + BASE,
        "--tag",
        image,
        "--file",
        containerfile,
        dist);
    String container = done("from", "--pull-never", "localhost/" + image);
    try {
      String doctor = done("run", container, "--", ATELIER, "doctor");
      assertTrue(doctor.contains("ok    pictures"), doctor);
      String trained =
          done(
              "run",
              container,
              "--",
              ATELIER,
              "train",
              "run.dir=/runs/one",
              "run.steps=1",
              "learner.groups-per-step=2",
              "rollout.group-size=2",
              "evaluation.every=0");
      assertTrue(trained.contains("look at http://127.0.0.1:"), trained);
      assertTrue(trained.contains("done: 1 steps; look at /runs/one/report.html"), trained);
    } finally {
      buildah("rm", container);
      buildah("rmi", "localhost/" + image);
    }
  }
}
