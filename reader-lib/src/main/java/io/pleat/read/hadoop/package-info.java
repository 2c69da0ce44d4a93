/** The {@code pleat://} Hadoop file system over folded datasets; alone in {@code io.pleat.read} in importing Hadoop. */
package io.pleat.read.hadoop;
