/** Chunks of remote containers on a local disk, shared by the processes of a machine. */
package io.pleat.read.cache;
