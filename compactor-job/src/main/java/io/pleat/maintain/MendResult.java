package io.pleat.maintain;

import io.pleat.format.ContainerId;
import java.io.Serializable;
import java.util.List;

/**
 * What a check of one container found, and what was made of it.
 *
 * @param number the task's number
 * @param damage what is wrong, the first few findings; none if the container is sound
 * @param catalogDamage what is wrong with its file of the catalogue; none if it is sound
 * @param carried rows that were, or would be, carried over as they are
 * @param rescued files whose bytes come from their unchanged originals
 * @param lost files that are beyond repair
 * @param done the container that is to take its place; none of a dry run, or if it cannot be mended
 */
record MendResult(
    int number,
    ContainerId container,
    List<String> damage,
    List<String> catalogDamage,
    long carried,
    long rescued,
    List<LeftBehind> lost,
    List<RewriteResult.Done> done)
    implements Serializable {}
