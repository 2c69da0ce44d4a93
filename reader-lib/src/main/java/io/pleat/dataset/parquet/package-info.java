/** The catalogue as Parquet. */
package io.pleat.dataset.parquet;
