/** Epochs for training: shuffled by seed, shared among ranks, resumable; see docs/training.md. */
package io.pleat.read.epoch;
