/// Lets a terminal's traffic through once it has authenticated by DTLS, and only as bound.
///
/// `Admission` decides who is in: it holds the registry, the certificates, the handshakes and the
/// sessions, and works on virtual threads. `GateHandler` applies that to each packet on its
/// WorkThread, and only reads what admission publishes.
@NullMarked
package dev.sluice.plugins.terminalauth;

import org.jspecify.annotations.NullMarked;
