package io.atelier.models.sd3;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Training of the velocity network's own weights: all but its position table, which is fixed, or
 * only those of some modules.
 *
 * @param modules trained modules by the end of their name after a dot, like an adapter's targets;
 *     empty for all
 */
public record WholeNetwork(List<String> modules) implements Trained {

  static final String FIXED = "pos_embed.pos_embed";

  public WholeNetwork {
    modules = List.copyOf(modules);
  }

  /** All weights. */
  public WholeNetwork() {
    this(List.of());
  }

  @Override
  public boolean isAll() {
    return modules.isEmpty();
  }

  /**
   * @throws IllegalArgumentException naming an entry that matches no module that can be trained
   *     alone, and the available ones
   */
  @Override
  public Map<String, long[]> shapes(MmditConfig network) {
    Map<String, long[]> shapes = network.shapes();
    shapes.remove(FIXED);
    if (isAll()) {
      return shapes;
    }
    shapes.keySet().removeIf(weight -> !Mmdit.isAdaptable(module(weight)));
    for (String end : modules) {
      if (shapes.keySet().stream().noneMatch(weight -> MmditAdapter.matches(module(weight), end))) {
        throw new IllegalArgumentException(
            "targets has \"%s\", the end of no module of this network that can be trained alone; there are %s"
                .formatted(
                    end,
                    String.join(
                        ", ",
                        shapes.keySet().stream()
                            .map(w -> module(w).replaceFirst("^transformer_blocks\\.[0-9]+\\.", ""))
                            .collect(Collectors.toCollection(TreeSet::new)))));
      }
    }
    shapes
        .keySet()
        .removeIf(
            weight -> modules.stream().noneMatch(end -> MmditAdapter.matches(module(weight), end)));
    return shapes;
  }

  private static String module(String weight) {
    return weight.replaceFirst("\\.(weight|bias)$", "");
  }
}
