/** Container and index block: bytes in, bytes out. Knows nothing but the JDK. */
package io.pleat.format;
