/// What the gateway tells the operator while it runs: the event log and the counters file.
///
/// Here belong files that other programs read. What the lines say is decided by those who report.
@NullMarked
package dev.sluice.runtime.events;

import org.jspecify.annotations.NullMarked;
