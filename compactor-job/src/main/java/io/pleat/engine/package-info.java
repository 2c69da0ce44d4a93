/** Runs many tasks at once, wherever they run best. */
package io.pleat.engine;
