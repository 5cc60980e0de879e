/// The command `bundle`: from an empty folder to a bundle that a gateway takes.
///
/// The compiler is the JDK's. Manifest and component descriptions are made by bnd, which only
/// [Assembly] knows, and which is on the class path of this command alone.
@NullMarked
package dev.sluice.runtime.bundle;

import org.jspecify.annotations.NullMarked;
