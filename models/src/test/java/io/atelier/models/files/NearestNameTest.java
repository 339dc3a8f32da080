package io.atelier.models.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NearestNameTest {

  @Test
  void shouldCountInsertionsDeletionsSubstitutionsAndSwaps() {
    assertEquals(0, NearestName.edits("seed", "seed"));
    assertEquals(1, NearestName.edits("sed", "seed"));
    assertEquals(1, NearestName.edits("seeed", "seed"));
    assertEquals(1, NearestName.edits("sead", "seed"));
    assertEquals(1, NearestName.edits("esed", "seed"));
    assertEquals(4, NearestName.edits("", "seed"));
    assertEquals(3, NearestName.edits("kitten", "sitting"));
  }

  @Test
  void shouldPreferSameLastPartInAnotherSection() {
    List<String> known = List.of("run.steps", "rollout.guidance", "rollout.steps");
    assertEquals(Optional.of("rollout.guidance"), NearestName.to("run.guidance", known));
    assertEquals(Optional.of("run.steps"), NearestName.to("run.step", known));
    assertEquals(Optional.empty(), NearestName.to("x", List.of()));
  }

  @Test
  void shouldRankTheTensorsOfOneLayerBeforeThoseOfAnother() {
    List<String> tensors =
        List.of(
            "transformer_blocks.0.attn.to_k.weight",
            "transformer_blocks.0.attn.to_q.weight",
            "transformer_blocks.0.attn.to_q.bias",
            "transformer_blocks.11.attn.to_q.weight",
            "proj_out.weight");
    assertEquals(
        List.of("transformer_blocks.0.attn.to_q.weight", "transformer_blocks.0.attn.to_k.weight"),
        NearestName.to("transformer_blocks.0.attn.to_query.weight", tensors, 2));
    assertEquals(
        List.of("transformer_blocks.0.attn.to_q.weight"),
        NearestName.to("transformer_blocks.0.attn.to_q.wieght", tensors, 1));
  }
}
