/** Whole-process programs that measure Pleat beside its rivals; started by {@code benchmarks/run}. */
package io.pleat.bench;
