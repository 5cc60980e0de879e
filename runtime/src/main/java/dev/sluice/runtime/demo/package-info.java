/// What a newcomer sees: the demo, the simulated stations as processes, and the agent that
/// authenticates a terminal.
///
/// The demo works the gateway from outside only, through its command, its folders and its files, as
/// an operator does. Nothing here is used by the gateway.
@NullMarked
package dev.sluice.runtime.demo;

import org.jspecify.annotations.NullMarked;
