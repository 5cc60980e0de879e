package dev.sluice.runtime.trust;

import java.util.function.Supplier;

/// What a bundle's class uses that a permission covers.
///
/// @param what class, or class and member, as Java source names it: `java.lang.Thread.start`
/// @param place looks for the class, and the method if one is known: for a person alone, since it
///   reads the class's code
record FoundUse(Permission permission, String what, Supplier<String> place) {
  /// The same with its place.
  Usage located() {
    return new Usage(permission, what, place.get());
  }
}
