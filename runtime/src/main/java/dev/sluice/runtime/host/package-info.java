/// Bundles: the framework they run in, the folder they come from, and the chain made of them.
///
/// Here belongs everything between a file in `bundles/` and a [dev.sluice.runtime.pipeline.Chain].
/// Packets are the pipeline's; this package never sees one.
@NullMarked
package dev.sluice.runtime.host;

import org.jspecify.annotations.NullMarked;
