/// State of bundles that outlives their versions: the host's tables, by bundle and name, and who
/// holds them. A table ends with its last holder; since a version's successor holds it before the
/// version goes, only a bundle without a successor loses what it kept.
@NullMarked
package dev.sluice.runtime.state;

import org.jspecify.annotations.NullMarked;
