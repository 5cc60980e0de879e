/// System calls, the frame pool and the devices.
///
/// Here belong bytes, descriptors and rings; not the meaning of a frame's bytes. What other modules
/// may use is public and safe to hand out; the calls themselves are package-private.
@NullMarked
package dev.sluice.kernel;

import org.jspecify.annotations.NullMarked;
