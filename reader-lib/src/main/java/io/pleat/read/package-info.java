/** The reader: logical path to container, offset, length and bytes. */
package io.pleat.read;
