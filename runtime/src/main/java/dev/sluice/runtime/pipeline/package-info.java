/// The packet path: threads, queues, frames and generations.
///
/// Nothing here knows of bundles, files or command lines; the host publishes chains into it.
@NullMarked
package dev.sluice.runtime.pipeline;

import org.jspecify.annotations.NullMarked;
