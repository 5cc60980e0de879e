package dev.sluice.runtime.trust;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A bundle that may run.
///
/// @param signer empty for one that nobody has signed, where the settings allow that
/// @param declared permissions that its manifest names
/// @param used permissions that its classes use, all of which are declared and granted
/// @param remarks what an operator might want to know, each a sentence
public record Approved(
    Optional<Signer> signer, Set<Permission> declared, Set<Permission> used, List<String> remarks) {
  /// The declared permissions' words, in the order of the alphabet.
  public List<String> declaredWords() {
    return declared.stream().map(Permission::word).sorted().toList();
  }

  public Approved {
    declared = Set.copyOf(declared);
    used = Set.copyOf(used);
    remarks = List.copyOf(remarks);
  }
}
