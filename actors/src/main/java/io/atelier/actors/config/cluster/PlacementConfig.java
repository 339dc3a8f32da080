package io.atelier.actors.config.cluster;

import static io.atelier.actors.config.section.Rules.require;

import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.config.section.Section;
import io.atelier.models.sd3.ModelTypes;
import io.atelier.models.tensor.ComputeType;
import io.atelier.models.tensor.DeviceChoice;
import io.atelier.models.tensor.Placement;
import io.atelier.models.tensor.StorageType;

/**
 * Where and how each role computes. The learner's ratios are 1 before an update only if it computes
 * as the rollout did, and one process computes on one device; so all roles share a device, except
 * rewards, which may have nodes of their own.
 *
 * @param rollout drawing of groups
 * @param learner training of the policy; its device also trains the critic
 * @param evaluation measurement of the policy
 * @param text encoding of prompts, in the process that draws
 * @param reward scoring of groups; its device is {@code AUTO} where {@code CUDA} is only inherited
 *     and need not be there
 */
public record PlacementConfig(
    Placement rollout, Placement learner, Placement evaluation, Placement text, Placement reward) {

  private static final String INHERITED = "inherit";

  public PlacementConfig {
    requireSame("learner", learner, rollout);
    requireSameDevice("evaluation", evaluation, rollout);
    requireSameDevice("text", text, rollout);
    requireFloat32("text", text);
    requireFloat32("reward", reward);
    require(
        reward.storage() == StorageType.STORED,
        "reward.storage is %s, must be stored: networks that judge are kept as their files have them",
        reward.storage());
  }

  private static void requireSame(String role, Placement placement, Placement rollout) {
    requireSameDevice(role, placement, rollout);
    String rule = "%s.%s is %s, must be that of rollout, which is %s: else first ratios are not 1";
    require(
        placement.storage() == rollout.storage(),
        rule,
        role,
        "storage",
        placement.storage(),
        rollout.storage());
    require(
        placement.compute() == rollout.compute(),
        rule,
        role,
        "compute",
        placement.compute(),
        rollout.compute());
  }

  private static void requireSameDevice(String role, Placement placement, Placement rollout) {
    require(
        placement.device() == rollout.device(),
        "%s.device is %s, must be that of rollout, which is %s: only rewards can have another; set"
            + " placement.device for all",
        role,
        Section.spelled(placement.device()),
        Section.spelled(rollout.device()));
  }

  private static void requireFloat32(String role, Placement placement) {
    require(
        placement.compute() == ComputeType.FLOAT32,
        "%s.compute is %s, must be float32: only the velocity network computes in another type",
        role,
        placement.compute());
  }

  /**
   * Returns the device of a process that does not only score.
   *
   * @param scores whether it scores as well
   * @throws InvalidConfigException if rewards are to have another device
   */
  public DeviceChoice device(boolean scores) {
    DeviceChoice device = rollout.device();
    boolean same = reward.device() == device;
    boolean inherited = device == DeviceChoice.CUDA && reward.device() == DeviceChoice.AUTO;
    if (scores && !same && !inherited) {
      throw new InvalidConfigException(
          ("placement.reward.device is %s and that of the other roles %s, and one process computes on"
                  + " one device; set placement.device for all, or give rewards a node of their own"
                  + " (./atelier node --role reward)")
              .formatted(Section.spelled(reward.device()), Section.spelled(device)));
    }
    return device;
  }

  /** Returns the types of the model for rollout and learner. */
  public ModelTypes trained() {
    return new ModelTypes(rollout.storage(), text.storage(), rollout.compute());
  }

  /** Returns the types of the model for the evaluation. */
  public ModelTypes measured() {
    return new ModelTypes(evaluation.storage(), text.storage(), evaluation.compute());
  }

  /** Returns all types in words; those of a role only where they differ. */
  public String types() {
    StringBuilder words = new StringBuilder(rollout.types());
    if (!measured().equals(trained())) {
      words.append("; evaluation in ").append(evaluation.types());
    }
    if (text.storage() != rollout.storage()) {
      words.append("; text encoders as ").append(text.storage());
    }
    if (reward.storage() != rollout.storage()) {
      words.append("; networks that judge as ").append(reward.storage());
    }
    return words.toString();
  }

  public static PlacementConfig from(Section section) {
    return section.build(
        () -> {
          Placement all =
              new Placement(
                  section.choice("device", DeviceChoice.class),
                  section.choice("storage", StorageType.class),
                  section.choice("compute", ComputeType.class));
          Placement judging =
              new Placement(
                  all.device() == DeviceChoice.CUDA ? DeviceChoice.AUTO : all.device(),
                  all.storage(),
                  all.compute());
          return new PlacementConfig(
              role(section.section("rollout"), all),
              role(section.section("learner"), all),
              role(section.section("evaluation"), all),
              role(section.section("text"), all),
              role(section.section("reward"), judging));
        });
  }

  private static Placement role(Section section, Placement inherited) {
    return new Placement(
        section.choice("device", DeviceChoice.class, INHERITED).orElse(inherited.device()),
        section.choice("storage", StorageType.class, INHERITED).orElse(inherited.storage()),
        section.choice("compute", ComputeType.class, INHERITED).orElse(inherited.compute()));
  }
}
