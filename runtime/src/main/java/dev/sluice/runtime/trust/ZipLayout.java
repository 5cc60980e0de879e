package dev.sluice.runtime.trust;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// Walks through a ZIP file that can be read in one way only.
///
/// The format has two lists of what is inside: the central directory at the end, which [ZipFile]
/// believes, and a header before each entry, which streams believe. A file in which they differ is
/// one bundle to the checker and another one to somebody else. So here both must say the same,
/// entry behind entry without a gap, from the first byte of the file to the last. Source: PKWARE
/// APPNOTE.TXT 6.3.10, sections 4.3 to 4.5. One thread at a time.
final class ZipLayout {
  /// Most bytes of one unpacked entry.
  static final int MAX_ENTRY_BYTES = 64 << 20;

  /// Most bytes of all unpacked entries, nested files included.
  static final long MAX_UNPACKED_BYTES = 512L << 20;

  private static final int LOCAL = 0x04034b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int END = 0x06054b50;
  private static final int DESCRIPTOR = 0x08074b50;
  private static final int LOCAL_BYTES = 30;
  private static final int CENTRAL_BYTES = 46;
  private static final int END_BYTES = 22;
  private static final int STORED = 0;
  private static final int DEFLATED = 8;

  /// Bits of the flags that may be set: the compression's level, a descriptor, names in UTF-8.
  private static final int KNOWN_FLAGS = 0x0006 | 0x0008 | 0x0800;

  private static final int HAS_DESCRIPTOR = 0x0008;
  private static final int UNICODE_PATH = 0x7075;
  private static final int ZIP64 = 0x0001;
  private static final int IN_ZIP64 = 0xffff;

  /// Takes what the walk comes by.
  interface Visitor {
    /// One entry, in the order of the file.
    ///
    /// @param name ends with a slash for a folder, which has no content
    /// @param content unpacked; not to be changed
    void entry(String name, byte[] content) throws TrustException;
  }

  /// What the central directory says of an entry.
  private record Listed(String name, int flags, int method, int crc, int packed, int unpacked) {
    boolean hasDescriptor() {
      return (flags & HAS_DESCRIPTOR) != 0;
    }
  }

  private final ByteBuffer file;
  private final Budget budget;
  private final Set<String> names = new HashSet<>();

  /// Bytes that may yet be unpacked; nested files share their outer file's.
  static final class Budget {
    private long left = MAX_UNPACKED_BYTES;

    void take(long bytes) throws TrustException {
      left -= bytes;
      if (left < 0) {
        throw new TrustException(
            "it unpacks to more than " + MAX_UNPACKED_BYTES + " bytes, which is the most allowed");
      }
    }
  }

  ZipLayout(byte[] file, Budget budget) {
    this.file = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    this.budget = budget;
  }

  /// Walks from the first entry to the last.
  ///
  /// @throws TrustException if the file can be read in two ways, or not at all, or the visitor
  ///   refuses
  void walk(Visitor visitor) throws TrustException {
    try {
      walkAll(visitor);
    } catch (IndexOutOfBoundsException e) {
      throw ambiguous("something in it lies behind its end");
    }
  }

  private void walkAll(Visitor visitor) throws TrustException {
    int end = file.limit() - END_BYTES;
    if (end < 0 || file.getInt(end) != END) {
      throw ambiguous("its last 22 bytes are no end record (a comment is not allowed)");
    }
    int count = u16(end + 10);
    int at = file.getInt(end + 16);
    boolean oneDisk = u16(end + 4) == 0 && u16(end + 6) == 0 && u16(end + 8) == count;
    boolean fits = at >= 0 && end - file.getInt(end + 12) == at && u16(end + 20) == 0;
    if (!oneDisk || !fits || count == IN_ZIP64) {
      throw ambiguous("its end record does not fit the file");
    }
    int directory = at;
    int local = 0;
    for (int number = 0; number < count; number++) {
      if (file.getInt(at) != CENTRAL) {
        throw ambiguous("its directory has fewer entries than its end record says");
      }
      Listed listed = listed(at);
      if (file.getInt(at + 42) != local) {
        throw ambiguous("the entry " + listed.name() + " does not lie behind the one before it");
      }
      requireNewName(listed.name());
      local = pass(listed, local, directory, visitor);
      at += CENTRAL_BYTES + u16(at + 28) + u16(at + 30) + u16(at + 32);
    }
    if (local != directory || at != end) {
      throw ambiguous("it has bytes that belong to no entry");
    }
  }

  private Listed listed(int at) throws TrustException {
    String name = name(at + CENTRAL_BYTES, u16(at + 28));
    refuseOtherNames(name, at + CENTRAL_BYTES + u16(at + 28), u16(at + 30));
    if (u16(at + 34) != 0 || u16(at + 32) != 0) {
      throw ambiguous("the entry " + name + " has a comment or lies on another disk");
    }
    return new Listed(
        name,
        u16(at + 8),
        u16(at + 10),
        file.getInt(at + 16),
        bytes(name, at + 20),
        bytes(name, at + 24));
  }

  private int bytes(String name, int at) throws TrustException {
    int bytes = file.getInt(at);
    if (bytes < 0 || bytes > MAX_ENTRY_BYTES) {
      throw new TrustException(
          "its entry " + name + " has more than " + MAX_ENTRY_BYTES + " bytes, the most allowed");
    }
    return bytes;
  }

  /// @return where the next entry must begin
  private int pass(Listed listed, int at, int limit, Visitor visitor) throws TrustException {
    String name = listed.name();
    if (file.getInt(at) != LOCAL || !name(at + LOCAL_BYTES, u16(at + 26)).equals(name)) {
      throw ambiguous("the header of the entry " + name + " has another name than the directory");
    }
    refuseOtherNames(name, at + LOCAL_BYTES + u16(at + 26), u16(at + 28));
    requireSame(listed, at);
    int data = at + LOCAL_BYTES + u16(at + 26) + u16(at + 28);
    int next = data + listed.packed();
    if (next > limit) {
      throw ambiguous("the entry " + name + " reaches into the directory");
    }
    visitor.entry(name, unpack(listed, data));
    return listed.hasDescriptor() ? behindDescriptor(listed, next) : next;
  }

  private void requireSame(Listed listed, int at) throws TrustException {
    boolean later = listed.hasDescriptor();
    boolean same =
        u16(at + 6) == listed.flags()
            && u16(at + 8) == listed.method()
            && isSame(listed.crc(), at + 14, later)
            && isSame(listed.packed(), at + 18, later)
            && isSame(listed.unpacked(), at + 22, later);
    boolean known = listed.method() == DEFLATED || (listed.method() == STORED && !later);
    if (!same || !known || (listed.flags() & ~KNOWN_FLAGS) != 0) {
      throw ambiguous(
          "the header of the entry " + listed.name() + " says other than the directory");
    }
    if (listed.name().endsWith("/") && listed.unpacked() != 0) {
      throw ambiguous("the folder " + listed.name() + " has a content");
    }
  }

  /// Zero stands for a value that the descriptor behind the entry gives.
  private boolean isSame(int value, int at, boolean later) {
    return file.getInt(at) == value || (later && file.getInt(at) == 0);
  }

  private int behindDescriptor(Listed listed, int at) throws TrustException {
    int values = file.getInt(at) == DESCRIPTOR ? at + 4 : at;
    if (file.getInt(values) != listed.crc()
        || file.getInt(values + 4) != listed.packed()
        || file.getInt(values + 8) != listed.unpacked()) {
      throw ambiguous("what stands behind the entry " + listed.name() + " is not its lengths");
    }
    return values + 12;
  }

  private byte[] unpack(Listed listed, int data) throws TrustException {
    budget.take(listed.unpacked());
    byte[] content = new byte[listed.unpacked()];
    if (listed.method() == STORED) {
      if (listed.packed() != listed.unpacked()) {
        throw ambiguous("the entry " + listed.name() + " has two lengths");
      }
      file.get(data, content);
    } else {
      inflate(listed, data, content);
    }
    CRC32 sum = new CRC32();
    sum.update(content);
    if ((int) sum.getValue() != listed.crc()) {
      throw ambiguous("the check sum of " + listed.name() + " is wrong");
    }
    return content;
  }

  private void inflate(Listed listed, int data, byte[] content) throws TrustException {
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(file.slice(data, listed.packed()));
      int done = 0;
      while (done < content.length) {
        int count = inflater.inflate(content, done, content.length - done);
        if (count == 0) {
          break; // ended early, or wants more than there is
        }
        done += count;
      }
      // The end mark of a stream may stand behind the last byte that comes out.
      boolean tooMuch = inflater.inflate(new byte[1]) != 0;
      if (done != content.length
          || tooMuch
          || !inflater.finished()
          || inflater.getRemaining() != 0) {
        throw ambiguous("the entry " + listed.name() + " does not unpack to its length");
      }
    } catch (DataFormatException e) {
      throw ambiguous("the entry " + listed.name() + " cannot be unpacked");
    } finally {
      inflater.end();
    }
  }

  /// An extra field that gives the entry another name, or other lengths, to those who know it.
  private void refuseOtherNames(String name, int at, int bytes) throws TrustException {
    for (int field = at; field + 4 <= at + bytes; field += 4 + u16(field + 2)) {
      if (u16(field) == UNICODE_PATH || u16(field) == ZIP64) {
        throw ambiguous("the entry " + name + " has a second name or length in an extra field");
      }
    }
  }

  private void requireNewName(String name) throws TrustException {
    boolean folder = name.endsWith("/");
    String other = folder ? name.substring(0, name.length() - 1) : name + "/";
    if (!names.add(name) || names.contains(other)) {
      throw ambiguous("the entry " + name + " is there twice");
    }
  }

  private String name(int at, int bytes) throws TrustException {
    String name;
    try {
      name = StandardCharsets.UTF_8.newDecoder().decode(file.slice(at, bytes)).toString();
    } catch (CharacterCodingException e) {
      throw ambiguous("the name of an entry is not in UTF-8");
    }
    boolean odd = name.chars().anyMatch(c -> Character.isISOControl(c) || c == '\\');
    if (name.isEmpty() || odd || name.startsWith("/") || isOutside(name)) {
      throw ambiguous("an entry has the name '" + name.replaceAll("\\p{Cntrl}", "?") + "'");
    }
    return name;
  }

  private static boolean isOutside(String name) {
    String slashed = "/" + name + (name.endsWith("/") ? "" : "/");
    return slashed.contains("//") || slashed.contains("/../") || slashed.contains("/./");
  }

  private int u16(int at) {
    return Short.toUnsignedInt(file.getShort(at));
  }

  private static TrustException ambiguous(String what) {
    return new TrustException("it is no JAR file that everybody reads alike: " + what);
  }
}
