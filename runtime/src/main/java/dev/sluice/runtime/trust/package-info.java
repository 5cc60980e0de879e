/// Whether a bundle may run: who signed it, what it may be called, and what its classes use.
///
/// Everything here judges files that nobody has run yet, and fails closed: what cannot be read, or
/// is read in two ways by two readers, is refused with a sentence. Nothing here touches the
/// framework; `host` installs what was approved.
@NullMarked
package dev.sluice.runtime.trust;

import org.jspecify.annotations.NullMarked;
