package dev.sluice.runtime.probe;

import dev.sluice.kernel.XdpSupport;
import dev.sluice.runtime.pipeline.PortChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is known of one interface.
///
/// @param name as asked
/// @param unfit why it cannot be a port as it is, or empty
/// @param support what it can do, unless nothing was tried
/// @param tried whether XDP could be tried; if not, `support` does not know it
/// @param choice what its name alone would be opened by, if that is known
record Finding(
    String name,
    String unfit,
    Optional<XdpSupport> support,
    boolean tried,
    Optional<PortChoice> choice) {

  /// What to change to get a better port, one sentence each.
  List<String> advice() {
    List<String> advice = new ArrayList<>();
    if (!unfit.isEmpty()) {
      advice.add(unfit);
    }
    support
        .filter(found -> found.mtu() > found.mostMtu() && unfit.isEmpty())
        .ifPresent(found ->
            advice.add(
                "its MTU of %d is more than the %d of a port: `ip link set %s mtu 1500`"
                    .formatted(found.mtu(), found.mostMtu(), name)));
    if (tried) {
      support.ifPresent(found -> advice.addAll(found.refusals()));
    }
    return advice;
  }

  /// By what the name alone would be opened: `xdp`, `packet` or an empty text.
  String backend() {
    return choice.map(PortChoice::backend).orElse("");
  }

  /// Why, or an empty text.
  String reason() {
    return choice.map(PortChoice::reason).orElse("");
  }
}
