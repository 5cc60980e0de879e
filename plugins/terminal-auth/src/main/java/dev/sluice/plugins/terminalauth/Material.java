package dev.sluice.plugins.terminalauth;

/// What the files say, as one immutable object.
record Material(Registry registry, Authorities authorities, Credentials credentials) {}
