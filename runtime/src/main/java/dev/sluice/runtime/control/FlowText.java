package dev.sluice.runtime.control;

/// How a packet is called in a trace.
public final class FlowText {
  private FlowText() {}
}
