/// Passes every packet.
@NullMarked
package dev.sluice.plugins.allowall;

import org.jspecify.annotations.NullMarked;
