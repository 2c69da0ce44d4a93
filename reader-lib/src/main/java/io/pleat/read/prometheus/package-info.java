/** Statistics of readers for Prometheus; alone in the reader library in importing its client, which is optional. */
package io.pleat.read.prometheus;
