package io.pleat.format;

/**
 * What a finished container holds.
 *
 * @param length of the whole file, in bytes
 * @param crc32c of the whole file
 * @param indexOffset where the index block starts, in bytes
 * @param entries files, pass-through ones included
 * @param passThroughs how many of them are pass-through
 * @param directories directories with recorded attributes
 * @param payloadBytes original bytes of the folded files
 * @param storedBytes the same as stored
 * @param passThroughBytes bytes of the pass-through files
 * @param filter where its filter section is, if it has one
 */
public record ContainerStatistics(
    ContainerId id,
    long length,
    int crc32c,
    long indexOffset,
    int entries,
    int passThroughs,
    int directories,
    long payloadBytes,
    long storedBytes,
    long passThroughBytes,
    FilterSection filter) {}
