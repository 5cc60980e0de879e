/// A trial network on one machine: terminals, a field switch, the gateway and a master station,
/// each in a network namespace of its own, with a trial PKI and a configuration.
///
/// ```
/// t1 eth0 --+
/// t2 eth0 --+-- switch -- term0 gateway mast0 -- eth0 master
/// t3 eth0 --+
/// ```
///
/// Everything is made with ip(8) and found again by name and mark, so that it can be removed after
/// a crash. Starting the gateway in it is the caller's business.
@NullMarked
package dev.sluice.runtime.lab;

import org.jspecify.annotations.NullMarked;
