package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.Poller;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// The bell of the thread that plays each role; one and the same where one thread plays them all.
///
/// @param working one for each WorkThread
record Bells(Bell reading, List<Bell> working, Bell sending) {
  static Bells of(PipelineSettings settings, Poller poller) {
    Bell reading = Bell.polling(poller);
    if (settings.workThreads() == 0) {
      return new Bells(reading, List.of(reading), reading);
    }
    List<Bell> working = new ArrayList<>();
    for (int i = 0; i < settings.workers(); i++) {
      working.add(Bell.parking());
    }
    return new Bells(reading, Collections.unmodifiableList(working), Bell.parking());
  }
}
