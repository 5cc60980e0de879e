/// IEC 60870-5-104 as far as the simulated terminals and the simulated master station speak it: the
/// frames, the link with its numbers and timers, and the two stations, on kernel sockets.
///
/// Nothing of the gateway belongs here, and the gateway uses nothing of this: a fault in how one
/// reads the standard must not hide the same fault in the other.
@NullMarked
package dev.sluice.runtime.iec104;

import org.jspecify.annotations.NullMarked;
