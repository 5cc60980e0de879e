/// What a Sluice bundle, or a program that embeds Sluice, is written against.
///
/// Here belong the calls and callbacks of the paper's interface and the few services that the host
/// offers to a bundle. Header views are in `dev.sluice.wire`; everything that opens a device or
/// runs a thread stays out, in the runtime.
@NullMarked
@Version("1.1.0")
package dev.sluice.plugin;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.versioning.Version;
