/** The index bench: corpora of paths, candidates for the index block and rivals, and the programs that measure them. */
package io.pleat.bench.index;
