/** Snapshots, manifests, deletion vectors and the commit. */
package io.pleat.dataset;
