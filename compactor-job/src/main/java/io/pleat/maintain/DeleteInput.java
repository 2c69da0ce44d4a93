package io.pleat.maintain;

import java.io.Serializable;

/**
 * Originals that one task deletes.
 *
 * @param version the snapshot that says what is live and what is reclaimed
 * @param list the id of the list that names them
 */
record DeleteInput(long version, String list) implements Serializable {}
