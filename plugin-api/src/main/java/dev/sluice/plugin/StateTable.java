package dev.sluice.plugin;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// A bounded table of fixed-size keys and values in memory that belongs to no bundle: what it holds
/// outlives the instance, and the version, that wrote it.
///
/// The host hands these out ([HandlerContext#table], [StateTables#table]). All that an entry holds
/// is bytes, so that nothing keeps the classes of an old version alive. An entry keeps its number
/// and its memory while it is in the table, whatever is added or removed, also when the table
/// grows.
///
/// **Threads.** A table of a WorkThread is that thread's alone; [#find], [#add] and [#remove] take
/// no lock and allocate nothing. In a shared one they take a lock, and are not for the packet path:
/// look an entry up on a control thread, and let WorkThreads read and write its value by
/// `VarHandle`s.
///
/// Open addressing at most half full, with a seeded hash, so that nobody outside can choose keys
/// that collide.
public final class StateTable {
  /// No entry.
  public static final int NONE = -1;

  private static final int CHUNK_BYTES = 1 << 20;
  private static final int LINE_BYTES = 64;
  private static final long ENTRY_MASK = 0xffff_ffffL;
  private static final int HASH_SHIFT = 32;

  private final TableShape shape;
  private final boolean shared;
  private final int headBytes;
  private final int entryBytes;
  private final int chunkShift;
  private final int chunkMask;
  private final long seed = new SplittableRandom().nextLong();

  /// Replaced by a longer array when the table grows; what was in it stays in it. An entry's number
  /// reaches another thread only by what orders the array before it, too.
  private MemorySegment[] chunks;

  /// In each place 0, or an entry's number plus one below the low half of its key's hash.
  private long[] index;

  private int[] free;
  private int freeCount;
  private int capacity;

  /// Entries that were ever used have lower numbers.
  private int fresh;

  private long refused;
  private long removals;
  private volatile @Nullable Growth growth;
  private @Nullable StateTable predecessor;

  /// What a larger table needs, made by the thread that asks for it, taken by one that adds.
  private static final class Growth {
    private final int capacity;
    private final MemorySegment[] chunks;
    private final long[] index;
    private final int[] free;

    Growth(int capacity, MemorySegment[] chunks) {
      this.capacity = capacity;
      this.chunks = chunks;
      index = new long[2 * ceilingPower(capacity)];
      free = new int[capacity];
    }
  }

  private StateTable(TableShape shape, boolean shared) {
    this.shape = shape;
    this.shared = shared;
    headBytes = shape.headBytes();
    entryBytes = shape.entryBytes();
    int perChunk = Integer.highestOneBit(Math.max(1, CHUNK_BYTES / entryBytes));
    chunkShift = Integer.numberOfTrailingZeros(Math.min(perChunk, ceilingPower(shape.capacity())));
    chunkMask = (1 << chunkShift) - 1;
    Growth made = made(shape.capacity(), new MemorySegment[0]);
    capacity = made.capacity;
    chunks = made.chunks;
    index = made.index;
    free = made.free;
  }

  /// An empty table for one thread, known to nobody else: what the host makes, and what a test or a
  /// program without a host may make for itself.
  public static StateTable local(TableShape shape) {
    return new StateTable(shape, false);
  }

  /// An empty table for several threads.
  public static StateTable shared(TableShape shape) {
    return new StateTable(shape, true);
  }

  private Growth made(int entries, MemorySegment[] known) {
    MemorySegment[] all = Arrays.copyOf(known, (entries + chunkMask) >>> chunkShift);
    for (int i = known.length; i < all.length; i++) {
      all[i] = Arena.ofAuto().allocate((long) entryBytes << chunkShift, LINE_BYTES);
    }
    return new Growth(entries, all);
  }

  private static int ceilingPower(int value) {
    return value == 1 ? 1 : Integer.highestOneBit(value - 1) << 1;
  }

  /// The shape that it was made with. It may have grown since: [#capacity].
  public TableShape shape() {
    return shape;
  }

  /// Most entries that it may come to hold; their numbers are lower.
  public int capacity() {
    Growth pending = growth;
    return pending == null ? capacity : pending.capacity;
  }

  /// Entries in the table.
  public int count() {
    return fresh - freeCount;
  }

  /// Entries that are in the table or ever were have lower numbers, so that a round over all need
  /// not visit the others. In a shared table it may lag behind what another thread just added.
  public int range() {
    return fresh;
  }

  /// How often [#add] found no room.
  public long refused() {
    return refused;
  }

  /// The number of the entry with this key, or [#NONE].
  public int find(long[] key) {
    if (!shared) {
      return search(key);
    }
    synchronized (this) {
      return search(key);
    }
  }

  private int search(long[] key) {
    long hash = hash(key);
    long[] places = index;
    for (int i = (int) hash & places.length - 1; ; i = i + 1 & places.length - 1) {
      long word = places[i];
      if (word == 0 || (word >>> HASH_SHIFT == (hash & ENTRY_MASK) && hasKey(entryOf(word), key))) {
        return entryOf(word);
      }
    }
  }

  /// Adds an entry, with all of its value zero, unless the key is there already: then its entry is
  /// answered as it is.
  ///
  /// @return its number, or [#NONE] if the table is full, which is counted
  public int add(long[] key) {
    if (!shared) {
      return insert(key);
    }
    synchronized (this) {
      return insert(key);
    }
  }

  private int insert(long[] key) {
    int found = search(key);
    if (found != NONE) {
      return found;
    }
    if (freeCount == 0 && fresh == capacity && !grown()) {
      refused++;
      return NONE;
    }
    int entry = freeCount > 0 ? free[--freeCount] : fresh++;
    MemorySegment memory = memory(entry);
    long at = at(entry) - headBytes;
    for (int i = 0; i < key.length; i++) {
      memory.set(JAVA_LONG, at + (long) Long.BYTES * i, key[i]);
    }
    used(memory, entry);
    long hash = hash(key);
    put(index, hash << HASH_SHIFT | entry + 1);
    return entry;
  }

  private static void put(long[] places, long word) {
    int i = (int) (word >>> HASH_SHIFT) & places.length - 1;
    while (places[i] != 0) {
      i = i + 1 & places.length - 1;
    }
    places[i] = word;
  }

  /// Removes an entry that is in the table, and has its memory forget what it held.
  public void remove(int entry) {
    if (!shared) {
      delete(entry);
      return;
    }
    synchronized (this) {
      delete(entry);
    }
  }

  private void delete(int entry) {
    MemorySegment memory = memory(entry);
    long[] places = index;
    int gap = place(entry, hashAt(memory, entry));
    for (int i = gap + 1 & places.length - 1; places[i] != 0; i = i + 1 & places.length - 1) {
      int home = (int) (places[i] >>> HASH_SHIFT) & places.length - 1;
      // It may move back only if its home does not lie between the gap and its place.
      if ((i - home & places.length - 1) >= (i - gap & places.length - 1)) {
        places[gap] = places[i];
        gap = i;
      }
    }
    places[gap] = 0;
    used(memory, entry);
    long at = at(entry);
    for (long end = at + shape.valueBytes(); at < end; at += Long.BYTES) {
      memory.set(JAVA_LONG, at, 0L);
    }
    free[freeCount++] = entry;
    removals++;
  }

  private int place(int entry, long hash) {
    for (int i = (int) hash & index.length - 1; ; i = i + 1 & index.length - 1) {
      if (index[i] == 0) {
        throw new IllegalArgumentException("entry " + entry + " is not in " + shape.name());
      }
      if (entryOf(index[i]) == entry) {
        return i;
      }
    }
  }

  /// Whether an entry is in the table. For a round over all: `0 .. range() - 1`.
  public boolean holds(int entry) {
    return (uses(entry) & 1) != 0;
  }

  /// A number that is odd while the entry is in the table, and grows when it is added or removed:
  /// what is kept of an entry elsewhere is of the same one while this number is the same.
  public long uses(int entry) {
    return memory(entry).get(JAVA_LONG, at(entry) - Long.BYTES);
  }

  /// How many entries were removed so far, whoever did it: while this number is the same, no
  /// entry's [#uses] has become another's. For the thread whose table it is.
  public long removals() {
    return removals;
  }

  private void used(MemorySegment memory, int entry) {
    long at = at(entry) - Long.BYTES;
    memory.set(JAVA_LONG, at, memory.get(JAVA_LONG, at) + 1);
  }

  /// The memory that an entry's value is in, from [#at] on, the same while the table lives.
  public MemorySegment memory(int entry) {
    int chunk = entry >>> chunkShift;
    MemorySegment[] known = chunks;
    return chunk < known.length ? known[chunk] : grownMemory(chunk);
  }

  private MemorySegment grownMemory(int chunk) {
    Growth pending = growth;
    if (pending == null || pending.chunks.length <= chunk) {
      throw new IndexOutOfBoundsException(shape.name() + " has no entry that far");
    }
    return pending.chunks[chunk];
  }

  /// Where in [#memory] an entry's value begins: a multiple of eight.
  public long at(int entry) {
    return (long) (entry & chunkMask) * entryBytes + headBytes;
  }

  /// One number of an entry's key.
  public long key(int entry, int number) {
    return memory(entry).get(JAVA_LONG, at(entry) - headBytes + (long) Long.BYTES * number);
  }

  /// Has the table hold more entries from the next [#add] on that finds no room. A smaller capacity
  /// than the present one changes nothing. For control threads, one at a time.
  public void grow(int entries) {
    if (entries > capacity()) {
      Growth pending = growth;
      growth = made(entries, pending == null ? chunks : pending.chunks);
    }
  }

  private boolean grown() {
    Growth pending = growth;
    if (pending == null || pending.capacity <= capacity) {
      return false;
    }
    for (long word : index) {
      if (word != 0) {
        put(pending.index, word);
      }
    }
    chunks = pending.chunks;
    index = pending.index;
    free = pending.free;
    capacity = pending.capacity;
    return true;
  }

  /// Removes every entry. Nobody may use the table meanwhile.
  public void clear() {
    for (int entry = 0; entry < fresh; entry++) {
      if (holds(entry)) {
        remove(entry);
      }
    }
  }

  /// Says that this table takes the place of one with another layout.
  public void succeeds(StateTable old) {
    predecessor = old;
  }

  /// The table that this one takes the place of, once, for the bundle to convert what it held; null
  /// if there is none, or it was taken. To be called where the old one is used: on the WorkThread
  /// for a WorkThread's. The old version may still be writing to it for as long as it is called.
  public @Nullable StateTable takePredecessor() {
    StateTable old = predecessor;
    predecessor = null;
    return old;
  }

  private boolean hasKey(int entry, long[] key) {
    MemorySegment memory = memory(entry);
    long at = at(entry) - headBytes;
    for (int i = 0; i < key.length; i++) {
      if (memory.get(JAVA_LONG, at + (long) Long.BYTES * i) != key[i]) {
        return false;
      }
    }
    return true;
  }

  private static int entryOf(long word) {
    return (int) word - 1;
  }

  /// Depends on every bit of the key and of the seed.
  private long hash(long[] key) {
    if (key.length != shape.keyLongs()) {
      throw new IllegalArgumentException(
          shape.name() + ": a key of " + key.length + " numbers; allowed: " + shape.keyLongs());
    }
    long hash = seed;
    for (long part : key) {
      hash = mix(hash ^ part);
    }
    return hash;
  }

  private long hashAt(MemorySegment memory, int entry) {
    long at = at(entry) - headBytes;
    long hash = seed;
    for (int i = 0; i < shape.keyLongs(); i++) {
      hash = mix(hash ^ memory.get(JAVA_LONG, at + (long) Long.BYTES * i));
    }
    return hash;
  }

  /// The finalizer of MurmurHash3: each bit in changes each bit out with even odds.
  private static long mix(long value) {
    long mixed = (value ^ value >>> 33) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ mixed >>> 33;
  }
}
