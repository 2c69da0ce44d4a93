/** Payloads as zstd frames. The one package here that needs a library, zstd-jni, and only where payloads are so encoded. */
package io.pleat.format.zstd;
