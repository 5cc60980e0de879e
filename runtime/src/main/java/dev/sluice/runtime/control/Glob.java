package dev.sluice.runtime.control;

/// A pattern for names: `*` stands for any letters, `?` for one; the case matters not.
///
/// @param pattern at most [#MOST_CHARS] letters
record Glob(String pattern) {
  static final int MOST_CHARS = 100;

  /// Whether all of the name fits. It takes at most as many steps as the two lengths multiplied,
  /// whatever stands in either.
  boolean matches(String name) {
    int at = 0;
    int inName = 0;
    int star = -1;
    int resumed = 0;
    while (inName < name.length()) {
      if (at < pattern.length() && pattern.charAt(at) == '*') {
        star = at++;
        resumed = inName;
      } else if (at < pattern.length() && same(pattern.charAt(at), name.charAt(inName))) {
        at++;
        inName++;
      } else if (star >= 0) {
        at = star + 1;
        inName = ++resumed;
      } else {
        return false;
      }
    }
    while (at < pattern.length() && pattern.charAt(at) == '*') {
      at++;
    }
    return at == pattern.length();
  }

  private static boolean same(char wanted, char found) {
    return wanted == '?' || Character.toLowerCase(wanted) == Character.toLowerCase(found);
  }
}
