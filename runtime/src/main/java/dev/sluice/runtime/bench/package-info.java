/// Benchmarks that anyone can run: `sluice bench`.
@NullMarked
package dev.sluice.runtime.bench;

import org.jspecify.annotations.NullMarked;
