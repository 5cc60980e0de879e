package dev.sluice.runtime.trust;

/// A place where a bundle's class uses what a permission covers.
///
/// @param what class, or class and member, as Java source names it: `java.lang.Thread.start`
/// @param where class, and method if one is known: `org.example.Guard.tick`
public record Usage(Permission permission, String what, String where) {}
