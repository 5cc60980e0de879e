package dev.sluice.runtime.host;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// What makes the next chain, and is to be told when it is in force. One thread's.
final class Tidings {
  private List<Tiding> all = new ArrayList<>();

  private record Tiding(String cause, Runnable tell) {}

  /// @param cause in a few words
  /// @param tell reports it
  void add(String cause, Runnable tell) {
    all.add(new Tiding(cause, tell));
  }

  /// All there are, which these are then without.
  Tidings take() {
    Tidings taken = new Tidings();
    taken.all = all;
    all = new ArrayList<>();
    return taken;
  }

  /// Why there is a new chain, in one line.
  String causes() {
    return all.stream().map(Tiding::cause).collect(Collectors.joining(", "));
  }

  void tell() {
    all.forEach(tiding -> tiding.tell.run());
  }
}
