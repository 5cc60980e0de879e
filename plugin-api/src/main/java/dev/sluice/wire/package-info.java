/// Views of protocol headers: static methods over a frame's memory and an offset.
///
/// Here belong bytes and their meaning, one protocol a file. The package knows nothing of packets,
/// handlers or devices.
@NullMarked
@Version("1.0.0")
package dev.sluice.wire;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.versioning.Version;
