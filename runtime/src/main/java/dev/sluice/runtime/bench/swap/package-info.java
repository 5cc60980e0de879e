/// What `bench swap` and the tests of replacing bundles have in common: bundles that mark each
/// packet with their version, bundles that are bad in every way there is, traffic whose every frame
/// is accounted for, and the replacing itself.
///
/// Network namespaces, processes and tables stay out, in `dev.sluice.runtime.bench`.
@NullMarked
package dev.sluice.runtime.bench.swap;

import org.jspecify.annotations.NullMarked;
