package io.atelier.tests.simulation;

/** What goes wrong in a simulation; each is counted when it has really happened. */
enum Fault {
  /** A message did not arrive. */
  LOST,
  /** That a worker has left did not arrive. */
  LOSS_LOST,
  /** That a worker is to be replaced did not arrive. */
  REPLACE_LOST,
  /** That a node is to join anew did not arrive. */
  REJOIN_LOST,
  /** An order was given a second time, and what had been done was answered again. */
  ANSWERED_AGAIN,
  /** A result did not fit into the store of its node, and its worker waited. */
  STORE_FULL,
  /** A group was generated again later, to make room for one of an earlier step. */
  MADE_ROOM,
  /** A message arrived twice. */
  DOUBLED,
  /** A message arrived before an earlier one. */
  REORDERED,
  /** The word that a node may let go of a blob was lost. */
  RELEASE_LOST,
  /** A worker that held a lease died, and the ledger was told. */
  DIED_WITH_LEASE,
  /** A worker died, and nobody was told. */
  DIED_SILENTLY,
  /** A computation failed. */
  COMPUTE_ERROR,
  /** A worker took longer than its lease, and answered after that. */
  LATE_RESULT,
  /** A worker never came out of its computation. */
  HUNG,
  /** A worker loaded nothing, and held other weights than it was told to. */
  WRONG_HASH,
  /** A worker drew a group with other weights than it had proven. */
  CHANGED_WEIGHTS,
  /** A node died, with its workers and its blobs. */
  NODE_LOST,
  /** The images of a group were gone before it could be scored. */
  IMAGES_GONE,
  /** What training needs of a group was gone before it could be landed. */
  NOT_LANDED,
  /** A node stood still for a while, and went on as if nothing had happened. */
  NODE_PAUSED,
  /** A node that was taken for lost was there after all. */
  NODE_CAME_BACK,
  /** The conductor stood still for a while, and what it was told lay unread. */
  STALLED,
  /** The same for its whole process: what was told came after the first look at the clock. */
  STALLED_WITH_ITS_PROCESS,
  /** A node failed at all of its work and got no more. */
  SET_ASIDE,
  /** A run whose only node of a role failed at all of its work. */
  BROKEN_ALONE,
  /** The scorer asked for a later try. */
  SCORE_LATER,
  /** A group could not be scored and was replaced. */
  UNSCORABLE,
  /** All images of a group had one reward, and it was replaced. */
  FLAT,
  /** So had those of all that could take its place, and the last was trained on. */
  FLAT_TO_THE_END,
  /** The whole run was killed, and went on from its last checkpoint. */
  KILLED_AND_RESUMED,
  /** A complete group was generated or scored again, since it had become too old. */
  REGENERATED,
  /** A pause began while there was work to give. */
  PAUSED,
  /** An evaluation was made that was not due, since somebody had asked for it. */
  EVALUATION_REQUESTED,
  /** A run was asked to stop after its step, and went on later. */
  STOPPED_AND_RESUMED,
  /** An evaluator never came out of what it computed, or was lost with its node. */
  EVALUATOR_HUNG,
  /** An evaluation failed. */
  EVALUATION_FAILED,
  /** An evaluation was done when it had been given up, or when another had done it too. */
  EVALUATION_LATE,
  /** A run was killed or stopped in an evaluation, and went on later. */
  ENDED_IN_EVALUATION,
  /** A run in which one group always fails. */
  POISONED,
  /** A run whose workers of one role all went away for good. */
  DESERTED,
  /** A run whose learner never came back from a step. */
  LEARNER_HUNG
}
