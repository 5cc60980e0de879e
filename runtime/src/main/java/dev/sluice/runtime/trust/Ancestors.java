package dev.sluice.runtime.trust;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What classes extend and implement, so that a member is found under whatever name it is called
/// by: a class of the bundle that extends `Thread` has the static members of `Thread` too. One
/// thread at a time.
final class Ancestors {
  private final Map<String, Set<String>> parents = new HashMap<>();

  /// Notes a class of the bundle. Of two with one name, as for two Java versions, both count.
  void note(String name, List<String> extended) {
    parents.computeIfAbsent(name, absent -> new LinkedHashSet<>()).addAll(extended);
  }

  /// All classes and interfaces above this one, the nearest first.
  Set<String> of(String name) {
    Set<String> found = new LinkedHashSet<>();
    Deque<String> open = new ArrayDeque<>(parents(name));
    while (!open.isEmpty()) {
      String next = open.pop();
      if (found.add(next)) {
        open.addAll(parents(next));
      }
    }
    return found;
  }

  private Set<String> parents(String name) {
    return parents.computeIfAbsent(name, Ancestors::ofGateway);
  }

  /// Of a class that the bundle does not bring: the platform's, or one that the gateway offers.
  /// Nothing of it is run.
  private static Set<String> ofGateway(String name) {
    Set<String> found = new LinkedHashSet<>();
    try {
      Class<?> type =
          Class.forName(name.replace('/', '.'), false, Ancestors.class.getClassLoader());
      if (type.getSuperclass() != null) {
        found.add(type.getSuperclass().getName().replace('.', '/'));
      }
      for (Class<?> each : type.getInterfaces()) {
        found.add(each.getName().replace('.', '/'));
      }
    } catch (ClassNotFoundException | LinkageError e) {
      return found; // of what is not there nothing can be called
    }
    return found;
  }
}
