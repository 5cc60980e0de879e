/// The command `probe`: what interfaces and this machine can do for a gateway.
@NullMarked
package dev.sluice.runtime.probe;

import org.jspecify.annotations.NullMarked;
