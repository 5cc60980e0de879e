package dev.sluice.kernel;

/// The four rings of one AF_XDP socket.
///
/// @param fill chunks for the kernel to receive into
/// @param receive frames that arrived
/// @param transmit frames to transmit
/// @param completion chunks whose frame was transmitted
record XdpRings(
    XdpProducerRing fill,
    XdpConsumerRing receive,
    XdpProducerRing transmit,
    XdpConsumerRing completion) {}
