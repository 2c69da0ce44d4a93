/** Verbs that check a dataset or give it back: verify, unfold. */
package io.pleat.maintain;
