/**
 * Folded datasets as a Spark data source, {@code format("pleat")}: what the index knows, it plans and filters by, and
 * {@code binaryFile} over {@code pleat://} does not. A leaf: alone in {@code io.pleat.read} in importing Spark.
 */
package io.pleat.read.spark;
