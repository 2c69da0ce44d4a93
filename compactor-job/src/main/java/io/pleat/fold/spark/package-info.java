/** The fold pipeline on Spark. */
package io.pleat.fold.spark;
