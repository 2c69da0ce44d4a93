/** The fold pipeline without an engine: inventory, diff, plan, write, check, commit. */
package io.pleat.fold;
