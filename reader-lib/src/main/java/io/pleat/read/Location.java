package io.pleat.read;

import io.pleat.format.Entry;

/**
 * Where a file's bytes are.
 *
 * @param entry the live entry: container, offset, stored length, checksums and attributes
 */
public record Location(Entry entry) {}
