package io.atelier.actors.conductor;

import akka.actor.typed.ActorRef;
import io.atelier.actors.identity.Identity;
import io.atelier.actors.port.Amendable;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.PromptSource;
import io.atelier.actors.protocol.RunCommand;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.RunKey;
import io.atelier.actors.transport.WeightStream;
import io.atelier.models.state.NamedTensors;
import java.time.Duration;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * What the conductor works with.
 *
 * @param run whom it tells about the run
 * @param epoch which conductor of the run this is
 * @param identity what the nodes of this run compute
 * @param key what they seal bytes with
 * @param node name of this node
 * @param amendable what may be amended
 * @param shown whether the images of a step, counted from 0, are ranked and shown
 * @param scribe who writes the journal and the trace
 * @param gallery who takes over the pictures of groups that are trained; empty if nobody does
 * @param tick pause between looks at the clock
 */
public record ConductorSetup(
    ActorRef<RunCommand> run,
    int epoch,
    Identity identity,
    RunKey key,
    String node,
    WeightStream<NamedTensors> policy,
    WeightStream<NamedTensors> critic,
    BlobStore blobs,
    PromptSource prompts,
    Amendable amendable,
    IntPredicate shown,
    ActorRef<Scribe.Command> scribe,
    Optional<ActorRef<Gallery.Command>> gallery,
    Clock clock,
    Duration tick) {}
