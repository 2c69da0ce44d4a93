/** The fold's rows of the catalogue as Parquet. A leaf. */
package io.pleat.fold.parquet;
