package dev.sluice.runtime.bench.swap;

import java.util.Locale;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/// Every way in which a bundle can be bad, with what must become of it and the words by which the
/// gateway must say why. A bad bundle bears the name of the good one and would take its place.
@SuppressWarnings("ImmutableEnumChecker") // each recipe makes another bundle each time
public enum BadBundle {
  UNSIGNED(Outcome.Kind.REFUSED, "it is not signed", Seal.NONE, BundleRecipe::new),
  TAMPERED(Outcome.Kind.REFUSED, "it was tampered with", Seal.TAMPERED, BundleRecipe::new),
  SIGNED_BY_A_STRANGER(Outcome.Kind.REFUSED, "is not known", Seal.STRANGER, BundleRecipe::new),
  TRUNCATED(Outcome.Kind.REFUSED, "JAR file", Seal.TRUNCATED, BundleRecipe::new),
  NO_ZIP(Outcome.Kind.REFUSED, "JAR file", Seal.RUBBISH, BundleRecipe::new),
  NO_SYMBOLIC_NAME(
      Outcome.Kind.REFUSED,
      "no Bundle-SymbolicName",
      Seal.OURS,
      version -> new BundleRecipe(version).without("Bundle-SymbolicName")),
  UNRESOLVABLE(
      Outcome.Kind.REFUSED,
      "nothing here offers package com.missing",
      Seal.OURS,
      version -> new BundleRecipe(version).header("Import-Package", "com.missing")),
  EMBEDDED_API(
      Outcome.Kind.REFUSED,
      "dev/sluice/plugin/Packet.class",
      Seal.OURS,
      version -> new BundleRecipe(version).entry("dev/sluice/plugin/Packet.class", new byte[] {1})),
  THROWS_AT_START(
      Outcome.Kind.REFUSED,
      "IllegalStateException: this bundle never starts",
      Seal.OURS,
      version -> BundleRecipe.faulty(version, FaultyHandler.THROWS_AT_START)),
  OFFERS_NO_HANDLER(
      Outcome.Kind.REFUSED,
      "it offered no handler within",
      Seal.OURS,
      version ->
          new BundleRecipe(version)
              .withoutComponents()
              .component(
                  "marking",
                  "prototype",
                  "<reference name=\"never\" interface=\"java.lang.Runnable\"/>")),
  WRONG_SCOPE(
      Outcome.Kind.REFUSED,
      "its PacketHandler is shared",
      Seal.OURS,
      version -> new BundleRecipe(version).withoutComponents().component("marking", "bundle", "")),
  TWO_HANDLERS(
      Outcome.Kind.REFUSED,
      "it offers 2 PacketHandler services",
      Seal.OURS,
      version -> new BundleRecipe(version).component("another", "prototype", "")),
  SLOW_START(
      Outcome.Kind.REFUSED,
      "did not end within",
      Seal.OURS,
      version -> BundleRecipe.faulty(version, FaultyHandler.SLOW_AT_START)),
  THROWS_ON_A_PACKET(
      Outcome.Kind.ROLLED_BACK,
      "IllegalStateException",
      Seal.OURS,
      version -> BundleRecipe.faulty(version, FaultyHandler.THROWS)),
  SLOW_ON_A_PACKET(
      Outcome.Kind.ROLLED_BACK,
      "took",
      Seal.OURS,
      version -> BundleRecipe.faulty(version, FaultyHandler.SLOW)),
  NO_VERDICT(
      Outcome.Kind.ROLLED_BACK,
      "verdict|null",
      Seal.OURS,
      version -> BundleRecipe.faulty(version, FaultyHandler.NO_VERDICT)),
  ENDLESS_ON_A_PACKET(
      Outcome.Kind.ROLLED_BACK,
      "took|stuck|return|come back",
      Seal.OURS,
      version -> BundleRecipe.faulty(version, FaultyHandler.ENDLESS)),
  NEEDS_A_PERMISSION(Outcome.Kind.REFUSED, "java.nio.file", Seal.OURS, BundleRecipe::curious),
  DOWNGRADE(
      Outcome.Kind.REFUSED,
      "is older than",
      Seal.OURS,
      version -> new BundleRecipe(version).header("Bundle-Version", "0.9." + version)),
  DYNAMIC_IMPORT(
      Outcome.Kind.REFUSED,
      "DynamicImport-Package",
      Seal.OURS,
      version -> new BundleRecipe(version).header("DynamicImport-Package", "*")),
  NATIVE_CODE(
      Outcome.Kind.REFUSED,
      "Bundle-NativeCode",
      Seal.OURS,
      version ->
          new BundleRecipe(version)
              .header("Bundle-NativeCode", "lib/libbench.so;osname=Linux,*")
              .entry("lib/libbench.so", new byte[] {0x7f, 'E', 'L', 'F'}));

  /// What is done to the JAR file when all that it holds is made.
  enum Seal {
    /// Signed by the signer that the gateway trusts.
    OURS,
    /// Not signed.
    NONE,
    /// Signed by another one.
    STRANGER,
    /// Signed, then an entry was replaced.
    TAMPERED,
    /// Signed, then cut off.
    TRUNCATED,
    /// Something else altogether.
    RUBBISH
  }

  private final Outcome.Kind expected;
  private final String words;
  private final Seal seal;
  private final IntFunction<BundleRecipe> recipe;

  BadBundle(Outcome.Kind expected, String words, Seal seal, IntFunction<BundleRecipe> recipe) {
    this.expected = expected;
    this.words = words;
    this.seal = seal;
    this.recipe = recipe;
  }

  /// Its name in tables, rows and options.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The one of that name.
  public static Optional<BadBundle> named(String label) {
    return Stream.of(values()).filter(bad -> bad.label().equals(label)).findFirst();
  }

  /// What must become of it.
  public Outcome.Kind expected() {
    return expected;
  }

  /// Whether the gateway's sentence has the words that say why.
  public boolean explains(String sentence) {
    return Stream.of(words.split("\\|", -1)).anyMatch(sentence::contains);
  }

  /// Words of which the sentence must have one, parted by bars.
  public String words() {
    return words;
  }

  /// Whether its handler judges packets, well at first, before it shows to be bad.
  public boolean judgesPackets() {
    return expected == Outcome.Kind.ROLLED_BACK;
  }

  /// Whether it keeps a thread of the packet path for longer than a port's ring holds frames.
  public boolean stalls() {
    return this == SLOW_ON_A_PACKET || this == ENDLESS_ON_A_PACKET;
  }

  Seal seal() {
    return seal;
  }

  BundleRecipe recipe(int version) {
    return recipe.apply(version);
  }
}
